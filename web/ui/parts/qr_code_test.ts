import assert from 'node:assert/strict';
import { test } from 'node:test';
import decodeQR from 'qr/decode.js';
import { qrPath } from './qr_code.tsx';

const PIXELS = 4;

// Draws the path the way a browser would, and reads the code.
function readBack(text: string): string {
  const { size, path } = qrPath(text);
  const width = size * PIXELS;
  const data = new Uint8Array(width * width * 4).fill(255);
  for (const [, x, y, run] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let row = Number(y) * PIXELS; row < (Number(y) + 1) * PIXELS; ++row)
      for (let at = Number(x) * PIXELS; at < (Number(x) + Number(run)) * PIXELS; ++at)
        data.fill(0, (row * width + at) * 4, (row * width + at) * 4 + 3);
  }
  return decodeQR({ width, height: width, data });
}

test('what is shown can be read', () => {
  for (const text of ['http://192.0.2.1:7000/#UQBIAA', `http://x/#${'aZ-_09'.repeat(28)}`])
    assert.equal(readBack(text), text);
});

test('an invite of the usual size fits a QR code of version 9', () => {
  assert.equal(qrPath('x'.repeat(180)).size, 17 + 4 * 9 + 2 * 4);
});
