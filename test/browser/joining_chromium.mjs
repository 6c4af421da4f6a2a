// The app in Debian's Chromium joins broadcasts of the native program.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Broadcast } from './lib/broadcast.mjs';
import { INSECURE_HOST, openChromium } from './lib/browser.mjs';
import { differentPictures } from './lib/look.mjs';

let broadcast;
let browsers;
beforeEach(async () => {
  browsers = [];
  broadcast = await Broadcast.start();
});
afterEach(async () => {
  const errors = browsers.flatMap((browser) => browser.errors);
  await Promise.all(browsers.map((browser) => browser.close()));
  await broadcast.stop();
  assert.deepEqual(errors, []);
});

async function visit(url) {
  const browser = await openChromium();
  browsers.push(browser);
  await browser.page.goto(url);
  return browser.page;
}

const state = (page, name) => page.locator(`.stage.${name}`).waitFor();

test('an opened invite becomes a moving picture; the end of the broadcast is said', async () => {
  const page = await visit(broadcast.invite);
  await state(page, 'live');
  const { different, element } = await differentPictures(page);
  assert.equal(element, 'CANVAS');
  assert.ok(different > 10, `${different} pictures in two seconds`);
  await page.getByRole('img', { name: 'Watching: 1' }).waitFor();
  await broadcast.stop();
  await page.getByText('The sender has ended the broadcast.').waitFor();
});

test('a page that did not come securely plays the same by Media Source Extensions', async () => {
  const page = await visit(broadcast.origin.replace('127.0.0.1', INSECURE_HOST));
  await page.getByLabel('Or paste an invite link').fill(broadcast.invite);
  await page.getByRole('button', { name: 'Watch', exact: true }).click();
  await state(page, 'live');
  const { different, element } = await differentPictures(page);
  assert.equal(element, 'VIDEO');
  assert.ok(different > 10, `${different} pictures in two seconds`);
});

test('two pages watch, and leaving is seen by who stays', async () => {
  const first = await visit(broadcast.invite);
  const second = await visit(broadcast.invite);
  await Promise.all([state(first, 'live'), state(second, 'live')]);
  await first.getByRole('img', { name: 'Watching: 2' }).waitFor();
  await second.getByRole('button', { name: 'Leave' }).click();
  await second.getByText('You have left. It is erased here.').waitFor();
  await first.getByRole('img', { name: 'Watching: 1' }).waitFor();
  await state(first, 'live');
});
