// What a broadcaster must show, whatever the browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { count } from './figures.mjs';

const LENGTH_MS = 4_000;
const LEAST_SHOWN = 50;  // of 80, on a busy machine

// Each frame says what it needs; chunks begin with T0.
function assertLayers(frames) {
  assert.ok(frames[0].key);
  let chunk = 0;
  for (const [number, { key, temporalId, indexInChunk, dependsOn }] of frames.entries()) {
    if (temporalId === 0) chunk = number;
    assert.equal(indexInChunk, number - chunk);
    assert.equal(key, dependsOn === 0);
    const reference = frames[number - dependsOn];
    assert.ok(key || reference.temporalId < temporalId || temporalId === 0);
    assert.ok(key || reference.temporalId === 0 || temporalId === 2);
  }
}

export function broadcastingTests(page, { codec, stamped, sound }) {
  test('from the camera to the canvas: layers, order, the same pictures', async () => {
    const live = await page().call('broadcast', {
      lengthMs: LENGTH_MS, stamped, microphone: sound, steps: [{ atMs: 2_000, keyFrame: true }] });
    assert.deepEqual([live.problem, live.lost, live.keyFramesWanted], [undefined, [], 0]);
    assert.equal(live.description.video[0].codec, codec);
    assertLayers(live.frames);
    const keys = count(live.frames, ({ key }) => key);
    assert.ok(keys >= 2 && keys <= 5, `${keys} key frames`);
    assert.ok(live.shown.length >= LEAST_SHOWN, `${live.shown.length} shown`);
    const times = live.frames.map(({ captured }) => captured);
    assert.ok(times.every((time, n) => n === 0 || time > times[n - 1]), `${times}`);
    if (stamped) {
      const seen = new Set(live.previewed.map(({ stamp }) => stamp));
      for (const { stamp } of live.shown)
        assert.ok(stamp !== undefined && seen.has(stamp), `${stamp}`);
    }
    if (!sound) return;
    assert.equal(live.description.audio.length, 1);
    assert.ok(live.packets.length > 100, `${live.packets.length} packets`);
    for (const { size } of live.packets) assert.ok(size > 0 && size < 1_276);
  });

  test('sound only, then pictures again: the first is a key frame', async () => {
    const live = await page().call('broadcast', {
      lengthMs: 2_600, stamped, microphone: false,
      steps: [{ atMs: 800, soundOnly: true }, { atMs: 1_600 }] });
    const pause = live.frames.findIndex(
      ({ captured }, n) => n > 0 && captured - live.frames[n - 1].captured > 500_000);
    assert.ok(pause > 0, 'a pause');
    assert.ok(live.frames[pause].key);
    assert.equal(live.keyFramesWanted, 0);
  });

  test('closed, it leaves no device open and nothing in the page', async () => {
    assert.deepEqual(await page().call('leftovers'), { elements: 0, tracks: 0 });
  });
}
