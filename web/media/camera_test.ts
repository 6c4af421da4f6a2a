import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pictureSize } from './camera.js';

test('a camera\'s picture fits 640x360, held either way', () => {
  const sizes: [number, number, number, number][] = [
    [640, 360, 640, 360], [1920, 1080, 640, 360], [1080, 1920, 360, 640], [640, 480, 480, 360],
    [480, 640, 360, 480], [320, 240, 320, 240], [1001, 333, 640, 212]];
  for (const [width, height, ...expected] of sizes) {
    const fitted = pictureSize(width, height);
    assert.deepEqual([fitted.width, fitted.height], expected);
  }
});
