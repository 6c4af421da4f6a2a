// Pictures and sound in Debian's Chromium.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openChromium } from './lib/browser.mjs';
import { broadcastingTests } from './lib/broadcasting_tests.mjs';
import { stampedClip } from './lib/clip.mjs';
import { serve } from './lib/site.mjs';
import { canvasTests, recordingOf, shownNumbers } from './lib/viewing_tests.mjs';

let site;
let page;
let clip;
before(async () => {
  site = await serve('page');
  clip = await stampedClip();
  page = await openChromium(site.secure, { camera: clip.path });
});
after(async () => {
  await page?.close();
  await site?.close();
  await clip?.remove();
});

canvasTests(() => page, ['h264', 'vp8']);
broadcastingTests(() => page, { codec: 'h264', stamped: true, sound: true });

test('a page from plain http has no camera, and says why', async () => {
  const insecure = await openChromium(site.insecure);
  try {
    const { problem } = await insecure.call('broadcast', { lengthMs: 1 });
    assert.equal(problem, 'insecure');
  } finally {
    await insecure.close();
  }
});

test('sound is played beside the pictures', async () => {
  const recording = await recordingOf(page, 'h264', { sound: true });
  const played = await page.call('play', { recording, sound: true });
  assert.equal(played.sound.at(-1), 'playing');
  assert.ok(played.heard > 0.2, `loudest ${played.heard}`);
});

test('muted: nothing is played', async () => {
  const recording = await recordingOf(page, 'h264', { sound: true });
  const played = await page.call('play', { recording });
  assert.deepEqual([played.sound, played.heard], [['muted'], 0]);
});

test('a page from plain http: pictures and sound by a media element', async () => {
  const insecure = await openChromium(site.insecure);
  try {
    for (const codec of ['h264', 'vp8', 'vp9']) {
      const recording = await recordingOf(page, codec, { sound: true });
      const played = await insecure.call('play', { recording, sound: true });
      assert.equal(played.element, 'VIDEO', codec);
      assert.ok(shownNumbers(played).length >= 28, `${codec}: ${played.shown.length} shown`);
      assert.ok(played.soundBytes > 1_000, `${codec}: ${played.soundBytes} bytes of sound`);
      assert.equal(played.keyFramesWanted, 0);
    }
    assert.deepEqual(insecure.errors, []);
  } finally {
    await insecure.close();
  }
});

test('a page from plain http: AV1 is refused with a reason', async () => {
  const recording = await recordingOf(page, 'av1');
  const insecure = await openChromium(site.insecure);
  try {
    const played = await insecure.call('play', { recording });
    assert.deepEqual([played.problem, played.shown.length], ['codec_needs_https', 0]);
  } finally {
    await insecure.close();
  }
});

test('nothing was written to the console as an error', () => {
  assert.deepEqual(page.errors, []);
});
