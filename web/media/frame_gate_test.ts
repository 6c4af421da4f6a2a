import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameGate } from './frame_gate.js';

// How many of ten seconds' pictures at `from` fps, each up to `jitter` periods late, get through.
function kept(from: number, to: number, jitter: number): number {
  const gate = new FrameGate(to);
  let count = 0;
  for (let n = 0; n < 10 * from; ++n)
    if (gate.admits((n + jitter * (n * 7 % 10) / 10) * 1000 / from)) ++count;
  return count;
}

test('frame gate: equal rates with jitter lose nothing', () => {
  assert.equal(kept(20, 20, 0.3), 200);
});

test('frame gate: higher rates come down to what is wanted', () => {
  for (const from of [24, 25, 30, 60]) {
    const count = kept(from, 20, 0.1);
    assert.ok(count >= 190 && count <= 203, `${from}: ${count}`);
  }
});

test('frame gate: lower rates pass', () => {
  assert.equal(kept(15, 20, 0.3), 150);
});
