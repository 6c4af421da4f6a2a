// What a viewer sees and is told, with a stream that comes, stays away, and ends.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { openChromium } from './lib/browser.mjs';
import { serve } from './lib/site.mjs';

let site;
let browser;
let page;
before(async () => { site = await serve('watching'); });
after(() => site?.close());
beforeEach(async () => {
  browser = await openChromium(site.secure);
  page = browser.page;
  await browser.call('prepare');
  await page.getByLabel('Or paste an invite link').fill(await browser.call('invite'));
  await page.getByRole('button', { name: 'Watch', exact: true }).click();
});
afterEach(async () => {
  const { errors } = browser;
  await browser.close();
  assert.deepEqual(errors, []);
});

const state = (name) => page.locator(`.stage.${name}`).waitFor();

test('connecting, live with moving pictures, lost, and live again by itself', async () => {
  await state('live');
  const first = await browser.call('picture');
  assert.ok(first > 0);
  await page.waitForFunction((before) => globalThis.test.picture() !== before, first);
  await page.getByRole('img', { name: 'Watching: 12' }).waitFor();
  await page.getByRole('img', { name: /^Late by 0\.[2-5]/ }).waitFor();
  await page.getByRole('button', { name: 'See your address: 1' }).waitFor();
  await browser.call('pause', true);
  await state('lost');
  await page.getByText('Connecting again by itself').waitFor();
  await browser.call('pause', false);
  await state('live');
});

test('others are carried only after a yes, and no further than the cap', async () => {
  await state('live');
  assert.deepEqual((await browser.call('seen')).places, [0]);
  await page.getByRole('button', { name: 'Pass on' }).click();
  await page.getByRole('radio', { name: '100 MB' }).check();
  await page.getByRole('button', { name: 'Yes' }).click();
  assert.deepEqual((await browser.call('seen')).places, [0, 4]);
  await page.getByRole('button', { name: 'Pass on', pressed: true }).waitFor();
  await browser.call('carried', 100_000_001);
  await page.getByRole('button', { name: 'Pass on', pressed: false }).waitFor();
  assert.deepEqual((await browser.call('seen')).places, [0, 4, 0]);
});

test('the end of the stream is said, and nothing of it is left', async () => {
  await state('live');
  await browser.call('end', 'source_ended');
  await page.getByText('The sender has ended the broadcast.').waitFor();
  assert.equal((await browser.call('seen')).wiped, 1);
  assert.equal(await page.locator('canvas, video').count(), 0);
});

test('leaving says goodbye; a lost way back can be tried again', async () => {
  await state('live');
  await page.getByRole('button', { name: 'Leave' }).click();
  await page.getByText('You have left. It is erased here.').waitFor();
  assert.equal((await browser.call('seen')).stopped, 1);
  await page.getByRole('button', { name: 'Start page' }).click();
  await page.getByLabel('Or paste an invite link').fill(await browser.call('invite'));
  await page.getByRole('button', { name: 'Watch', exact: true }).click();
  await state('live');
  await browser.call('end', 'source_lost');
  await page.getByRole('button', { name: 'Try again' }).click();
  await state('live');
});

test('the eraser wipes before all else', async () => {
  await state('live');
  const box = await page.locator('.panic').boundingBox();
  await page.mouse.move(box.x + 40, box.y + box.height / 2);
  await page.mouse.down();
  await page.waitForURL('about:blank');
});
