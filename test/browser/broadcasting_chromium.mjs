// The app in Debian's Chromium goes live with a fake camera; the native program and other pages
// watch. They find it at the gateway of a node that has nothing to do with the broadcast.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Broadcast, Watch } from './lib/broadcast.mjs';
import { openChromium } from './lib/browser.mjs';
import { differentPictures } from './lib/look.mjs';

const LOOPBACK = ['--allow-loopback-in-peer-connection'];
const PICTURES_WANTED = 20;

let node;
let browsers;
let watchers;
beforeEach(async () => {
  browsers = [];
  watchers = [];
  node = await Broadcast.start();
});
afterEach(async () => {
  const errors = browsers.flatMap((browser) => browser.errors);
  await Promise.all(browsers.map((browser) => browser.close()));
  await Promise.all(watchers.map((watcher) => watcher.stop()));
  await node.stop();
  assert.deepEqual(errors, []);
});

async function visit(url, options = {}) {
  const browser = await openChromium(undefined, { more: LOOPBACK, ...options });
  browsers.push(browser);
  await browser.page.goto(url);
  return browser.page;
}

const state = (page, name) => page.locator(`.stage.${name}`).waitFor();
const witnesses = (page, n) => page.getByRole('img', { name: `Watching: ${n}` }).waitFor();

// {page, invite} of a page that is live.
async function goLive() {
  const page = await visit(`${node.origin}/`, { camera: true });
  await page.evaluate(() => {
    navigator.clipboard.writeText = async (text) => { globalThis.copied = text; };
  });
  await page.getByRole('button', { name: /Go live/ }).click();
  await page.getByRole('button', { name: 'Go live now' }).click();
  await state(page, 'live');
  await page.getByRole('button', { name: 'Code', exact: true }).click();
  await page.getByRole('button', { name: 'Copy link' }).click();
  const invite = await page.evaluate(() => globalThis.copied);
  await page.getByRole('button', { name: 'Close' }).click();
  return { page, invite };
}

test('a page goes live, and another page sees it move', async () => {
  const { page, invite } = await goLive();
  assert.ok(invite.startsWith(`${node.origin}/#`));
  assert.ok(invite.length <= 180, `${invite.length} characters do not fit the code`);
  const viewer = await visit(invite);
  await state(viewer, 'live');
  const { different } = await differentPictures(viewer);
  assert.ok(different > 10, `${different} pictures in two seconds`);
  await witnesses(page, 1);
  await page.getByRole('button', { name: 'See your address: 1' }).or(
    page.getByRole('button', { name: 'Everyone with your code can see your address' })).waitFor();
});

test('a page goes live, and the native program sees it move', async () => {
  const { page, invite } = await goLive();
  const watcher = Watch.start(invite);
  watchers.push(watcher);
  for (let n = 0; n < PICTURES_WANTED; ++n) await watcher.event('picture');
  await witnesses(page, 1);
});

test('ending it is said to who watches, and the camera is let go', async () => {
  const { page, invite } = await goLive();
  const viewer = await visit(invite);
  await state(viewer, 'live');
  const camera = await page.evaluateHandle(() =>
    document.querySelector('.picture video').srcObject.getVideoTracks()[0]);
  const end = page.getByRole('button', { name: 'End' });
  await end.hover();
  await page.mouse.down();
  await page.getByText('You have left. It is erased here.').waitFor();
  await page.mouse.up();
  assert.equal(await camera.evaluate(({ readyState }) => readyState), 'ended');
  await viewer.getByText('The sender has ended the broadcast.').waitFor();
});

test('the gateway gone, the broadcast goes on; with one again in its place, others can join', async () => {
  const { page, invite } = await goLive();
  const first = await visit(invite);
  await state(first, 'live');
  await node.stop();
  await page.getByText('Nobody new can join right now.').waitFor();
  const { different } = await differentPictures(first);
  assert.ok(different > 10, `${different} pictures in two seconds`);
  node = await Broadcast.start({ listen: new URL(node.origin).host });
  await page.getByText('Nobody new can join right now.').waitFor({ state: 'detached' });
  const second = await visit(invite);
  await Promise.all([state(first, 'live'), state(second, 'live')]);
  await witnesses(page, 2);
  // What the browser itself says of the attempts in between.
  for (const browser of browsers)
    browser.errors = browser.errors.filter((text) => !/^WebSocket connection to/.test(text));
});

test('erased, the page is gone, and who watches loses the picture', async () => {
  const { page, invite } = await goLive();
  const viewer = await visit(invite);
  await state(viewer, 'live');
  const gone = page.waitForURL('about:blank');
  await page.getByRole('button', { name: 'Hold to erase' }).hover();
  await page.mouse.down();
  await gone;
  await page.mouse.up();
  await state(viewer, 'lost');
});

test('on the dark screen, with the sound off and the other camera, it stays live', async () => {
  const { page, invite } = await goLive();
  const viewer = await visit(invite);
  await state(viewer, 'live');
  await page.getByRole('button', { name: 'Sound', exact: true }).click();
  await page.getByRole('button', { name: 'Sound', exact: true, pressed: false }).waitFor();
  await page.getByRole('button', { name: 'Other camera' }).click();
  await page.getByRole('button', { name: 'Dark screen' }).click();
  const { different } = await differentPictures(viewer);
  assert.ok(different > 10, `${different} pictures in two seconds`);
});

test('a page that may not use the camera says so', async () => {
  const page = await visit(`${node.origin}/`, { more: ['--deny-permission-prompts'] });
  await page.getByRole('button', { name: /Go live/ }).click();
  await page.getByRole('button', { name: 'Go live now' }).click();
  await page.getByText(/The camera or microphone is not allowed here|No camera was found/).waitFor();
});
