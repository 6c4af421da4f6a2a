import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { toHex } from './bytes.ts';
import { formatIp, parseEndpoint, parseIp } from './endpoint.ts';
import { inviteAppLink, inviteUrl, parseInvite } from './invite.ts';

interface Valid {
  name: string; text: string; secret: string; source_key_hash: string; fingerprint: string;
  ip: string; port: number; origin: string; meeting: string; hints: { type: number; value: string }[];
}
interface Vectors {
  valid: Valid[];
  invalid: { name: string; text: string; error: string }[];
}
const vectors = JSON.parse(readFileSync('../spec/vectors/invite.json', 'utf8')) as Vectors;

for (const known of vectors.valid) {
  test(`invite: ${known.name}`, () => {
    const invite = parseInvite(`  ${known.text}\n`);
    assert.ok(typeof invite === 'object', `${invite}`);
    assert.equal(toHex(invite.secret), known.secret);
    assert.equal(toHex(invite.sourceKeyHash), known.source_key_hash);
    assert.equal(toHex(invite.fingerprint), known.fingerprint);
    assert.equal(toHex(invite.entry.ip), known.ip);
    assert.equal(invite.entry.port, known.port);
    assert.equal(invite.origin, known.origin);
    assert.equal(toHex(invite.meeting ?? new Uint8Array()), known.meeting);
    assert.deepEqual(invite.hints.map(({ type, value }) => ({ type, value: toHex(value) })),
                     known.hints);
    assert.equal(known.text.startsWith('http') ? inviteUrl(invite) : inviteAppLink(invite),
                 known.text);
  });
}

for (const { name, text, error } of vectors.invalid) {
  test(`invite: ${name}`, () => assert.equal(parseInvite(text), error));
}

test('every cut of an invite is said to be cut or damaged, never read', () => {
  const { text } = vectors.valid[0]!;
  for (let size = text.indexOf('#') + 1; size < text.length; ++size) {
    assert.ok(['cut_short', 'damaged'].includes(parseInvite(text.slice(0, size)) as string));
  }
});

test('IPv6 addresses', () => {
  const written: [string, string][] = [
    ['2001:DB8::1', '2001:db8::1'], ['::', '::'], ['::1', '::1'], ['1::', '1::'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'], ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1']];
  for (const [text, canonical] of written) assert.equal(formatIp(parseIp(text)!), canonical);
  for (const text of ['1::2::3', ':1', '1:', '1:2:3', '1:2:3:4:5:6:7:8:9', '12345::', '::1.2.3',
                      '1.2.3.04', '1.2.3.256', 'g::', '1:2:3:4:5:6:7::8:9']) {
    assert.equal(parseIp(text), undefined, text);
  }
  assert.equal(parseEndpoint('2001:db8::1:70'), undefined);
  assert.equal(parseEndpoint('[192.0.2.1]:70'), undefined);
  assert.equal(parseEndpoint('192.0.2.1:65536'), undefined);
});
