import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CaptureClock } from './capture_clock.js';

// Packets of 20 ms that come 3 to 40 ms late, from a card of `speed`; the greatest error and step
// after the first second.
function listen(speed: number): { error: number; step: number } {
  const clock = new CaptureClock();
  let error = 0;
  let step = 0;
  let before = 0;
  for (let n = 1; n < 3000; ++n) {
    const truth = 5_000 + n * 20 / speed;
    const at = clock.at(n * 20, truth + 3 + n * 7919 % 38);
    if (n > 50) {
      error = Math.max(error, Math.abs(at - truth - 3));
      step = Math.max(step, Math.abs(at - before - 20));
    }
    before = at;
  }
  return { error, step };
}

for (const speed of [1, 0.9995, 1.0005]) {
  test(`sound that comes unevenly has even times, card at ${speed}`, () => {
    const { error, step } = listen(speed);
    assert.ok(error < 2, `error ${error}`);
    assert.ok(step < 1.5, `step ${step}`);
  });
}

test('after a pause of the card the clock goes on', () => {
  const clock = new CaptureClock();
  clock.at(20, 1_020);
  assert.ok(clock.at(40, 4_000) < 1_050);
  for (let n = 3; n < 20_000; ++n) clock.at(n * 20, 3_960 + n * 20);
  assert.ok(Math.abs(clock.at(400_000, 403_960) - 401_350) < 200);
});
