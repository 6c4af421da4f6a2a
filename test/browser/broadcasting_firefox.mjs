// The app in Debian's Firefox goes live with a fake camera, and Chromium watches. Both hide their
// addresses from the page: they meet by their names in the network.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Broadcast } from './lib/broadcast.mjs';
import { openChromium, openFirefox } from './lib/browser.mjs';
import { differentPictures } from './lib/look.mjs';

const LIMIT_MS = 20_000;

async function press(page, text) {
  const button = await page.waitForSelector(`::-p-xpath(//button[contains(., '${text}')])`,
                                            { timeout: LIMIT_MS });
  await button.click();
}

test('Firefox goes live, and Chromium sees it move', async () => {
  const browsers = [];
  const node = await Broadcast.start();
  try {
    const source = await openFirefox(undefined, { camera: true });
    browsers.push(source);
    const { page } = source;
    await page.goto(`${node.origin}/`);
    await page.evaluate(() => {
      navigator.clipboard.writeText = async (text) => { globalThis.copied = text; };
    });
    await press(page, 'Go live');
    await press(page, 'Go live now');
    await page.waitForSelector('.stage.broadcast.live', { timeout: LIMIT_MS });
    await press(page, 'Code');
    await press(page, 'Copy link');
    const invite = await (await page.waitForFunction(() => globalThis.copied)).jsonValue();

    const viewer = await openChromium();
    browsers.push(viewer);
    await viewer.page.goto(invite);
    await viewer.page.locator('.stage.live').waitFor();
    const { different } = await differentPictures(viewer.page);
    assert.ok(different > 10, `${different} pictures in two seconds`);
    assert.deepEqual(browsers.flatMap(({ errors }) => errors), []);
  } finally {
    await Promise.all(browsers.map((browser) => browser.close()));
    await node.stop();
  }
});
