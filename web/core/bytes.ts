// Bytes to and from text.

export type Bytes = Uint8Array<ArrayBuffer>;

export function concat(...parts: Uint8Array[]): Bytes {
  const out = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

export const fromHex = (text: string): Bytes =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));

export const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

// base64url without padding (RFC 4648, 5).
export const base64url = (bytes: Uint8Array): string =>
  base64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

export interface Base64Decoded {
  bytes: Bytes;
  clean: boolean;  // false: a character outside the alphabet, where decoding stopped
  exact: boolean;  // false: ends within a byte (as cut text does), or spare bits are not zero
}

export function fromBase64url(text: string): Base64Decoded {
  const out: number[] = [];
  let bits = 0;
  let count = 0;
  let clean = true;
  for (const char of text) {
    const value = ALPHABET.indexOf(char);
    clean = value >= 0;
    if (!clean) break;
    bits = (bits << 6 | value) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out.push(bits >> count & 0xff);
  }
  const spare = bits & ((1 << count) - 1);
  return { bytes: Uint8Array.from(out), clean, exact: count < 6 && spare === 0 };
}

// CRC-32 (IEEE 802.3, as in zlib): against mistyping, not against attackers. Continues from `crc`.
export function crc32(bytes: Uint8Array, crc = 0): number {
  let state = ~crc;
  for (const byte of bytes) {
    state ^= byte;
    for (let bit = 0; bit < 8; ++bit) state = state >>> 1 ^ (state & 1 ? 0xedb88320 : 0);
  }
  return ~state >>> 0;
}
