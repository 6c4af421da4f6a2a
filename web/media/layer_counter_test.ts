import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LayerCounter } from './layer_counter.js';

// 'K' is a key frame, a digit the layer of another frame; index in its chunk and dependency.
function count(frames: string): string {
  const counter = new LayerCounter();
  return [...frames].map((frame) => {
    const { indexInChunk, dependsOn } = counter.next(frame === 'K', Number(frame) || 0);
    return `${indexInChunk}${dependsOn}`;
  }).join(' ');
}

test('layers: mini-GOPs T0 T2 T1 T2', () => {
  assert.equal(count('K2120212'), '00 11 22 31 04 11 22 31');
});

test('layers: a key frame restarts the pattern anywhere', () => {
  assert.equal(count('K2K21202'), '00 11 00 11 22 31 04 11');
});

test('layers: an encoder without layers gives chunks of one frame', () => {
  assert.equal(count('K000'), '00 01 01 01');
});

test('layers: a T1 after a T2 that was never coded', () => {
  assert.equal(count('K1202'), '00 11 21 03 11');
});
