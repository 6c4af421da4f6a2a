// Pictures and sound in Debian's Firefox ESR.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openFirefox } from './lib/browser.mjs';
import { broadcastingTests } from './lib/broadcasting_tests.mjs';
import { serve } from './lib/site.mjs';
import { canvasTests, recordingOf } from './lib/viewing_tests.mjs';

let site;
let page;
before(async () => {
  site = await serve('page');
  page = await openFirefox(site.secure, { camera: true });
});
after(async () => {
  await page?.close();
  await site?.close();
});

test('the encoder is VP8 with layers', async () => {
  const recording = await recordingOf(page);
  assert.equal(recording.description.video[0].codec, 'vp8');
  assert.equal(recording.layered, true);
});

canvasTests(() => page, ['vp8']);
// Its AudioContext does not start on a machine without a sound card.
broadcastingTests(() => page, { codec: 'vp8', stamped: false, sound: false });

test('nothing was written to the console as an error', () => {
  assert.deepEqual(page.errors, []);
});
