// Pictures and sound in Debian's Chromium.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openChromium } from './lib/browser.mjs';
import { serve } from './lib/site.mjs';
import { canvasTests, recordingOf, shownNumbers } from './lib/viewing_tests.mjs';

let site;
let page;
before(async () => {
  site = await serve('page');
  page = await openChromium(site.secure);
});
after(async () => {
  await page?.close();
  await site?.close();
});

canvasTests(() => page, ['h264', 'vp8']);

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

test('a browser that wants a tap first: the picture comes, the sound says so', async () => {
  const recording = await recordingOf(page, 'h264', { sound: true });
  for (const url of [site.secure, site.insecure]) {
    const shy = await openChromium(undefined, { gesture: true });
    try {
      const played = await shy.byItself(url, 'play', { recording, sound: true });
      assert.equal(played.sound.at(0), 'blocked', url);
      assert.ok(shownNumbers(played).length >= 28, `${played.shown.length} shown`);
      assert.deepEqual(shy.errors, []);
    } finally {
      await shy.close();
    }
  }
});

test('nothing was written to the console as an error', () => {
  assert.deepEqual(page.errors, []);
});
