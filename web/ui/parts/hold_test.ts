import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOLD_MS, Hold, SECOND_PRESS_MS } from './hold.ts';

function setUp() {
  let now = 0;
  let next = 1;
  const due = new Map<number, { at: number; call: () => void }>();
  const seen = { done: 0, holding: false, armed: false };
  const hold = new Hold(
    { progress: (on) => { seen.holding = on; }, armed: (on) => { seen.armed = on; } },
    () => { ++seen.done; },
    { set: (call, ms) => { due.set(next, { at: now + ms, call }); return next++; },
      clear: (timer) => { due.delete(timer); } });
  const pass = (ms: number) => {
    now += ms;
    for (const [timer, { at, call }] of [...due])
      if (at <= now && due.delete(timer)) call();
  };
  return { hold, seen, pass };
}

test('held long enough, once', () => {
  const { hold, seen, pass } = setUp();
  hold.press();
  assert.equal(seen.holding, true);
  pass(HOLD_MS - 1);
  hold.press();  // the key repeats
  assert.equal(seen.done, 0);
  pass(1);
  assert.deepEqual(seen, { done: 1, holding: false, armed: false });
  hold.release();
  pass(10_000);
  assert.equal(seen.done, 1);
});

test('let go too early, nothing happens', () => {
  const { hold, seen, pass } = setUp();
  for (let i = 0; i < 5; ++i) {
    hold.press();
    pass(HOLD_MS - 1);
    hold.release();
  }
  pass(10_000);
  assert.deepEqual(seen, { done: 0, holding: false, armed: false });
});

test('two presses by a screen reader, but not one', () => {
  const { hold, seen, pass } = setUp();
  hold.activate();
  assert.equal(seen.armed, true);
  pass(SECOND_PRESS_MS);
  assert.deepEqual(seen, { done: 0, holding: false, armed: false });
  hold.activate();
  pass(SECOND_PRESS_MS - 1);
  hold.activate();
  assert.deepEqual(seen, { done: 1, holding: false, armed: false });
});
