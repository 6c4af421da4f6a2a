// Dialling a node without signalling (spec/link-handshake.md, "Direct dial"): the dialler makes up
// the answer that the node would have given. Runs in pages and in Node.js.
import sodium from 'libsodium-wrappers';
import { midOf, toSdp } from './description.js';

export const LANES = ['media', 'control'];  // by the id of their data channel

const NONCE_SIZE = 12;
const UFRAG_MAC_SIZE = 6;
const HOST_PRIORITY = 2130706431;  // RFC 8445, 5.1.2, of the only host candidate

const toHex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
export const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (b) => parseInt(b, 16));

export function concat(...parts) {
  const out = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

const base64 = (bytes) => btoa(String.fromCharCode(...bytes));

// What an invite link says of its entry (spec/invite.md): {endpoint, fingerprint, secret}, hex.
export function readInvite(url) {
  const [, host, port, payload] = /^https?:\/\/([^/:]+|\[[^\]]+\])(?::(\d+))?\/#(.+)$/.exec(url);
  const bytes = Uint8Array.from(
    atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
  if (bytes[0] !== 0x51) throw new Error('not an invite of version 1');
  if ((bytes[3] & 3) !== 0) throw new Error('this reader expects the entry to be HOST and PORT');
  return {
    endpoint: `${host}:${port ?? 80}`,
    secret: toHex(bytes.subarray(4, 20)),
    fingerprint: toHex(bytes.subarray(36, 68)),
  };
}

// The ICE credentials that the node will derive as well. `nonce` is given by tests only.
export async function dialCredentials(secret, fingerprint,
                                      nonce = crypto.getRandomValues(new Uint8Array(NONCE_SIZE))) {
  await sodium.ready;
  const derive = (size, label) =>
    sodium.crypto_generichash(size, concat(new TextEncoder().encode(label), nonce, fingerprint),
                              secret);
  const mac = derive(8, 'swarmcast dial mac 1').subarray(0, UFRAG_MAC_SIZE);
  const password = derive(18, 'swarmcast dial pwd 1');
  return { ufrag: base64(concat(nonce, mac)), password: base64(password) };
}

// The data channels of a link; with `dcep` announced in-band (RFC 8832) instead of agreed on.
export function openLanes(connection, dcep = false) {
  return LANES.map((lane, id) => connection.createDataChannel(
    lane, { ordered: false, maxRetransmits: 0, ...(dcep ? {} : { negotiated: true, id }) }));
}

// Begins to dial `node`, {endpoint, fingerprint, secret}; the channels open when the node answers.
export async function dial({ endpoint, fingerprint, secret }, { dcep, ...configuration } = {}) {
  const connection = new RTCPeerConnection(configuration);
  const channels = openLanes(connection, dcep);
  const credentials = await dialCredentials(fromHex(secret), fromHex(fingerprint));
  await connection.setLocalDescription();
  const candidates = [{ type: 'host', endpoint, priority: HOST_PRIORITY }];
  const sdp = toSdp({ ...credentials, fingerprint, candidates }, 'passive',
                    { lite: true, mid: midOf(connection.localDescription.sdp) });
  await connection.setRemoteDescription({ type: 'answer', sdp });
  return { connection, channels };
}
