import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EncodedFrame, TemporalId } from '../core/types.js';
import { DecodeGate } from './decode_gate.js';

// Frames of mini-GOPs T0 T2 T1 T2; the first is a key frame.
function frameAt(number: number): EncodedFrame {
  const at = number % 4;
  const temporalId = ([0, 2, 1, 2] as TemporalId[])[at]!;
  const dependsOn = number === 0 ? 0 : [4, 1, 2, 1][at]!;
  return { track: 0, number, indexInChunk: at, temporalId, key: number === 0, dependsOn,
           captured: number * 50_000, data: new Uint8Array(1) };
}

// The numbers of those of the first `count` frames that get through without `missing`.
function admitted(count: number, missing: number[]): number[] {
  const gate = new DecodeGate();
  return [...Array(count).keys()].filter(
    (number) => !missing.includes(number) && gate.admits(frameAt(number)));
}

test('gate: nothing missing, all get through', () => {
  assert.equal(admitted(600, []).length, 600);
});

test('gate: without a T2 only that one is missing', () => {
  assert.deepEqual(admitted(9, [5]), [0, 1, 2, 3, 4, 6, 7, 8]);
});

test('gate: without a T1 its T2 is left out, the next T0 goes on', () => {
  assert.deepEqual(admitted(10, [6]), [0, 1, 2, 3, 4, 5, 8, 9]);
});

test('gate: without a T0 nothing gets through before a key frame', () => {
  assert.deepEqual(admitted(40, [4]), [0, 1, 2, 3]);
  const gate = new DecodeGate();
  assert.equal(gate.needsKeyFrame, true);
  assert.equal(gate.admits(frameAt(4)), false);
  assert.equal(gate.admits({ ...frameAt(8), key: true, dependsOn: 0 }), true);
  assert.equal(gate.needsKeyFrame, false);
  assert.equal(gate.admits(frameAt(9)), true);
  assert.equal(gate.admits(frameAt(12)), true);
});

test('gate: a frame that refers to itself or ahead is no reference', () => {
  const gate = new DecodeGate();
  gate.admits(frameAt(0));
  assert.equal(gate.admits({ ...frameAt(1), dependsOn: 0 }), false);
  assert.equal(gate.admits({ ...frameAt(1), dependsOn: -1 }), false);
});

test('gate: after a lost decoder only a key frame gets through', () => {
  const gate = new DecodeGate();
  gate.admits(frameAt(0));
  gate.lose();
  assert.equal(gate.admits(frameAt(1)), false);
  assert.equal(gate.needsKeyFrame, true);
});
