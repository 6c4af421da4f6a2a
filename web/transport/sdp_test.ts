import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describe, toSdp } from './sdp.ts';

const SDP = ['v=0', 'a=ice-ufrag:abcd', 'a=ice-pwd:0123456789012345678901',
  `a=fingerprint:sha-256 ${Array(32).fill('0A').join(':')}`,
  'a=candidate:1 1 udp 5 F882a1c0-2547-4ece-858a-3c90d6009a8d.local 48726 typ host',
  'a=candidate:2 1 UDP 4 192.0.2.7 7000 typ host',
  'a=candidate:3 1 UDP 3 198.51.100.7 7001 typ srflx raddr 0.0.0.0 rport 9',
  'a=candidate:4 1 TCP 2 192.0.2.7 9 typ host tcptype active',
  'a=candidate:5 1 udp 1 somewhere.example 7000 typ host', ''].join('\r\n');

test('candidates: addresses, and names that hide one; nothing else', () => {
  const { candidates } = describe(SDP);
  assert.deepEqual(candidates.map(({ type }) => type), ['hidden', 'host', 'srflx']);
  const written = toSdp({ ...describe(SDP) }, 'active');
  assert.match(written, /udp 5 f882a1c0-2547-4ece-858a-3c90d6009a8d\.local 48726 typ host\r\n/);
  assert.match(written, /udp 4 192\.0\.2\.7 7000 typ host\r\n/);
  assert.match(written, /udp 3 198\.51\.100\.7 7001 typ srflx raddr 0\.0\.0\.0 rport 9\r\n/);
  assert.deepEqual(describe(written).candidates, candidates);
});
