import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FrameOut } from '../core/types.ts';
import { LOST_AFTER_MS, ViewingState } from './viewing_state.ts';

const frame = (captured: number, presentAt: number): FrameOut => ({
  frame: { track: 0, number: 0, indexInChunk: 0, temporalId: 0, key: true, dependsOn: 0, captured,
           data: new Uint8Array() }, presentAt, show: true, late: false });

test('connecting until a picture is seen, then live, lost, and live again', () => {
  const state = new ViewingState();
  state.frame(frame(0, 1_000));
  assert.equal(state.state(60_000), 'connecting');
  assert.equal(state.delay(300), null);
  state.shown(0, 61_000);
  assert.equal(state.state(61_000 + LOST_AFTER_MS), 'live');
  assert.equal(state.state(61_001 + LOST_AFTER_MS), 'lost');
  state.shown(50_000, 70_000);
  assert.equal(state.state(70_000), 'live');
});

test('the delay is the playout and what the screen adds to it', () => {
  const state = new ViewingState();
  for (let i = 0; i < 200; ++i) {
    state.frame(frame(i * 50_000, 5_000 + i * 50));
    state.shown(i * 50_000, 5_000 + i * 50 + 20);
  }
  assert.ok(Math.abs((state.delay(300) ?? 0) - 320) < 1, `${state.delay(300)}`);
});

test('a picture before its moment makes the stream no earlier', () => {
  const state = new ViewingState();
  state.frame(frame(0, 5_000));
  state.shown(0, 4_990);
  assert.equal(state.delay(300), 300);
});
