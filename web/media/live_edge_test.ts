import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LiveEdge } from './live_edge.js';

const STEP_MS = 50;

// An element that starts at media time `start` while frames are wanted 100 ms after they come.
function follow(start: number, seconds: number, stallAt?: number) {
  const edge = new LiveEdge();
  let current = start;
  const seeks: number[] = [];
  const rates = new Set<number>();
  for (let now = 0; now < seconds * 1000; now += STEP_MS) {
    edge.onFrame(10 + now / 1000, now + 100);
    if (now === stallAt) edge.onStall();
    const correction = edge.correction(now, current)!;
    let rate = 1;
    if ('seek' in correction) current = now === 0 ? start : correction.seek;
    if ('seek' in correction && now > 0) seeks.push(current);
    if ('rate' in correction) rates.add(rate = correction.rate);
    current += rate * STEP_MS / 1000;
  }
  const live = 10 + seconds - 0.1;
  return { behind: live - current, seeks: seeks.length, rates: [...rates] };
}

test('live edge: nothing to do before the first frame', () => {
  assert.equal(new LiveEdge().correction(1_000, 0), undefined);
});

test('live edge: far behind, it jumps once, then plays at speed', () => {
  const { behind, seeks, rates } = follow(0, 5);
  assert.equal(seeks, 1);
  assert.ok(rates.every((rate) => rate <= 1), `${rates}`);
  assert.ok(behind > 0.01 && behind < 0.1, `${behind}`);
});

test('live edge: a little behind or ahead, it bends the speed until it is there', () => {
  for (const [start, sign] of [[9.3, 1], [9.9, -1]] as const) {
    const { behind, seeks, rates } = follow(start, 20);
    assert.equal(seeks, 0);
    assert.ok(Math.abs(behind - 0.05) < 0.05, `${behind}`);
    for (const rate of rates) {
      assert.ok(rate === 1 || (Math.sign(rate - 1) === sign && Math.abs(rate - 1) >= 0.03 - 1e-9 &&
                               Math.abs(rate - 1) <= 0.1 + 1e-9), `${rate}`);
    }
  }
});

test('live edge: it starts with the first frame, and holds that until its moment', () => {
  const edge = new LiveEdge();
  edge.onFrame(1, 1_000);
  assert.deepEqual(edge.correction(500, 0), { seek: 1 });
  assert.deepEqual(edge.correction(600, 1), { rate: 0 });
  assert.deepEqual(edge.correction(1_050, 1), { rate: 1 });
});

test('live edge: a stall makes it keep further back, for a while', () => {
  assert.ok(follow(9.85, 12, 10_000).behind > follow(9.85, 12).behind + 0.01);
  assert.ok(follow(9.85, 60, 10_000).behind < 0.1);
});
