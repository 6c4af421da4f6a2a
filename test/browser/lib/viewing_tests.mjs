// What a player must show of a recorded stream, whatever the browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { count } from './figures.mjs';

const PICTURES = 48;
const KEY_AT = 28;

export const recordingOf = (page, codec, more = {}) =>
  page.call('record', { codec, count: PICTURES, keys: [KEY_AT], ...more });

const pictures = ({ frames }) => frames.filter(({ track }) => track === 0);

// The numbers of the pictures that were shown; each must be what it is said to be.
export function shownNumbers({ shown }) {
  for (const { stamp, expected } of shown) assert.equal(stamp, expected);
  const numbers = shown.map(({ stamp }) => stamp);
  assert.deepEqual(numbers, numbers.toSorted((a, b) => a - b));
  return numbers;
}

// `most`: pictures that may be left out because the machine is busy.
function assertShown(played, wanted, most) {
  const numbers = shownNumbers(played);
  const missing = wanted.filter((number) => !numbers.includes(number));
  assert.ok(missing.length <= most, `not shown: ${missing}`);
  const unwanted = numbers.filter((number) => !wanted.includes(number));
  assert.deepEqual(unwanted, []);
}

const BUSY = 8;

export function canvasTests(page, codecs) {
  const all = Array.from({ length: PICTURES }, (_, number) => number);
  const range = (from, to) => all.slice(from, to);

  for (const codec of codecs) {
    test(`${codec}: every picture of three layers is seen, each as what it is`, async () => {
      const recording = await recordingOf(page(), codec);
      const layers = pictures(recording).map(({ temporalId }) => temporalId);
      assert.deepEqual([...new Set(layers)].toSorted(), [0, 1, 2]);
      assert.ok(pictures(recording)[KEY_AT].key);
      const played = await page().call('play', { recording });
      assertShown(played, all, BUSY);
      assert.equal(played.keyFramesWanted, 0);
      assert.equal(played.element, 'CANVAS');
    });

    test(`${codec}: lost T2, T1 and T0: what can be decoded is seen, undamaged`, async () => {
      const recording = await recordingOf(page(), codec);
      const of = (layer, from) =>
        pictures(recording).find((f) => f.temporalId === layer && f.number >= from).number;
      const [t2, t1, t0] = [of(2, 4), of(1, 10), of(0, 20)];
      const played = await page().call('play', {
        recording, faults: { lost: [t2, t1, t0] } });
      const wanted = [...range(0, t0), ...range(KEY_AT)].filter(
        (number) => ![t2, t1, t1 + 1].includes(number));
      assertShown(played, wanted, BUSY);
      assert.equal(played.keyFramesWanted, 1);
    });

    test(`${codec}: rubbish ends nothing: a key frame is asked for, and brings it back`,
      async () => {
        const recording = await recordingOf(page(), codec);
        const played = await page().call('play', { recording, faults: { damaged: [8, 9, 12] } });
        const numbers = played.shown.map(({ stamp }) => stamp);
        assert.ok(count(numbers, (number) => number >= KEY_AT) >= PICTURES - KEY_AT - BUSY,
                  `${numbers}`);
      });
  }
}
