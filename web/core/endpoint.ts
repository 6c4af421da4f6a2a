// IP addresses and endpoints to and from text, as rendezvous_codec/ip_literal.h.
import type { Bytes } from './bytes.ts';

// IPv4 is kept as IPv4-mapped IPv6 (::ffff:a.b.c.d).
export interface Endpoint {
  ip: Bytes;     // 16
  port: number;  // 0: nobody can dial it
}

const MAPPED_PREFIX = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

export const isIpv4 = (ip: Uint8Array): boolean =>
  MAPPED_PREFIX.every((byte, index) => ip[index] === byte);

// False for addresses nobody can be reached at: unspecified, multicast, broadcast.
export function isDialable(ip: Uint8Array): boolean {
  if (!isIpv4(ip)) return ip.some((byte) => byte !== 0) && ip[0] !== 0xff;
  return ip[12]! !== 0 && ip[12]! < 224;
}

function parseIpv4(text: string): number[] | undefined {
  const parts = text.split('.');
  // No leading zeros: some read them as octal.
  const plain = parts.length === 4 &&
    parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
  return plain ? parts.map(Number) : undefined;
}

// The bytes of colon-separated groups, of which the last may be an IPv4 address.
function parseGroups(text: string): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [index, group] of groups.entries()) {
    const v4 = index === groups.length - 1 ? parseIpv4(group) : undefined;
    if (v4) {
      bytes.push(...v4);
    } else if (/^[\da-f]{1,4}$/i.test(group)) {
      const value = parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    } else {
      return undefined;
    }
  }
  return bytes;
}

function parseIpv6(text: string): Bytes | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [before, after] = halves.map(parseGroups);
  if (!before || (halves.length === 2 && !after)) return undefined;
  const zeroes = 16 - before.length - (after?.length ?? 0);
  if (after ? zeroes < 1 : zeroes !== 0) return undefined;
  return Uint8Array.from([...before, ...new Array<number>(zeroes).fill(0), ...(after ?? [])]);
}

// "192.0.2.1" or "2001:db8::1" (RFC 4291; no brackets, no zone).
export function parseIp(text: string): Bytes | undefined {
  if (text.includes(':')) return parseIpv6(text);
  const v4 = parseIpv4(text);
  return v4 && Uint8Array.from([...MAPPED_PREFIX, ...v4]);
}

// "192.0.2.1:7000" or "[2001:db8::1]:7000".
export function parseEndpoint(text: string): Endpoint | undefined {
  const [, host, port] = /^(.*):(\d{1,5})$/.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535) return undefined;
  const bracketed = /^\[(.*)\]$/.exec(host);
  const plain = bracketed ? bracketed[1]! : host;
  const ip = parseIp(plain);
  if (!ip || (bracketed !== null) !== plain.includes(':')) return undefined;
  return { ip, port: Number(port) };
}

// The longest run of at least two zero groups, the first of equals (RFC 5952, 4.2).
function longestZeroRun(groups: number[]): [number, number] {
  let best: [number, number] = [8, 8];
  for (let begin = 0; begin < 8; ++begin) {
    let end = begin;
    while (end < 8 && groups[end] === 0) ++end;
    if (end - begin >= 2 && end - begin > best[1] - best[0]) best = [begin, end];
  }
  return best;
}

export function formatIp(ip: Uint8Array): string {
  if (isIpv4(ip)) return ip.subarray(12).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => ip[2 * i]! << 8 | ip[2 * i + 1]!);
  const [begin, end] = longestZeroRun(groups);
  const text = (part: number[]) => part.map((group) => group.toString(16)).join(':');
  if (begin === 8) return text(groups);
  return `${text(groups.slice(0, begin))}::${text(groups.slice(end))}`;
}

export function formatEndpoint({ ip, port }: Endpoint): string {
  return isIpv4(ip) ? `${formatIp(ip)}:${port}` : `[${formatIp(ip)}]:${port}`;
}
