import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SoundClock } from './sound_clock.js';

const LENGTH = 0.02;

// Plays `seconds` whose moments run `drift` times as fast as the sound card; the last error, the
// extremes of the speed, and the greatest seam.
function play(seconds: number, drift: number) {
  const clock = new SoundClock();
  let least = Infinity;
  let most = 0;
  let seam = 0;
  let error = 0;
  let end: number | undefined;
  for (let n = 0; n * LENGTH < seconds; ++n) {
    const wanted = 0.2 + n * LENGTH * drift;
    const slot = clock.place(wanted, LENGTH, n * LENGTH * drift);
    assert.ok(slot);
    if (end !== undefined) seam = Math.max(seam, Math.abs(slot.start - end));
    end = slot.start + LENGTH / slot.rate;
    error = slot.start - wanted;
    least = Math.min(least, slot.rate);
    most = Math.max(most, slot.rate);
  }
  return { least, most, seam, error };
}

test('sound: at the right speed nothing is bent', () => {
  assert.deepEqual(play(60, 1).least, 1);
  assert.deepEqual(play(60, 1).most, 1);
});

for (const drift of [0.98, 0.999, 1.001, 1.02]) {
  test(`sound: a clock ${drift} times as fast is followed without seams`, () => {
    const { least, most, seam, error } = play(60, drift);
    assert.ok(least >= 0.97 && most <= 1.03, `${least} to ${most}`);
    assert.ok(seam < 1e-9, `${seam}`);
    assert.ok(Math.abs(error) < 0.06, `${error}`);
  });
}

test('sound: after a gap it starts again at its moment', () => {
  const clock = new SoundClock();
  clock.place(0.1, LENGTH, 0);
  assert.deepEqual(clock.place(1.5, LENGTH, 1.4), { start: 1.5, rate: 1 });
});

test('sound: a packet whose moment has passed is left out', () => {
  const clock = new SoundClock();
  assert.equal(clock.place(1, LENGTH, 1.1), undefined);
  assert.deepEqual(clock.place(1.09, LENGTH, 1.1), { start: 1.1, rate: 1 });
});
