import assert from 'node:assert/strict';
import { test } from 'node:test';
import encodeQR from 'qr';

test('an invite of the usual size fits a QR code of version 9', () => {
  const code = encodeQR('x'.repeat(180), 'raw', { ecc: 'medium', border: 1, encoding: 'byte' });
  assert.equal(code.length, 17 + 4 * 9 + 2);
});
