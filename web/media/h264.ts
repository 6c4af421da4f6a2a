// H.264 access units: Annex B (ITU-T H.264, B.1) and what MP4 wants instead.
import { concat, toHex, type Bytes } from '../core/bytes.js';

const NalType = { Sei: 6, Sps: 7, Pps: 8, Delimiter: 9, Filler: 12 } as const;
const MAX_NALS = 256;  // of one access unit; ours have fewer than ten

const typeOf = (nal: Uint8Array): number => (nal[0] ?? 0) & 0x1f;

// The NAL units of an access unit, without start codes. Views, not copies.
export function nalsOf(unit: Uint8Array): Uint8Array[] {
  const nals: Uint8Array[] = [];
  let start = -1;
  const end = (to: number): void => {
    if (start < 0) return;
    while (to > start && unit[to - 1] === 0) --to;  // of a longer start code, or padding
    if (to > start) nals.push(unit.subarray(start, to));
  };
  for (let at = unit.indexOf(1, 2); at >= 0 && nals.length < MAX_NALS;
       at = unit.indexOf(1, at + 1)) {
    if (unit[at - 1] !== 0 || unit[at - 2] !== 0) continue;
    end(at - 2);
    start = at + 1;
  }
  end(unit.length);
  return nals;
}

export interface ParameterSets {
  sps: Bytes;
  pps: Bytes;
}

// Of a key frame; undefined if it lacks them.
export function parameterSets(nals: Uint8Array[]): ParameterSets | undefined {
  const sps = nals.find((nal) => typeOf(nal) === NalType.Sps && nal.length >= 4);
  const pps = nals.find((nal) => typeOf(nal) === NalType.Pps);
  return sps && pps && { sps: concat(sps), pps: concat(pps) };
}

// As in RFC 6381: "avc1.42e01f".
export const codecString = (sps: Uint8Array): string => `avc1.${toHex(sps.subarray(1, 4))}`;

// The codec of an Annex B key frame, for WebCodecs.
export function codecOf(unit: Uint8Array): string | undefined {
  const sets = parameterSets(nalsOf(unit));
  return sets && codecString(sets.sps);
}

// An access unit with nothing in it but what decoding needs: some encoders write about themselves.
export function withoutRemarks(unit: Bytes): Bytes {
  const nals = nalsOf(unit);
  const needed = nals.filter(
    (nal) => typeOf(nal) !== NalType.Sei && typeOf(nal) !== NalType.Filler);
  if (needed.length === nals.length) return unit;
  return concat(...needed.flatMap((nal) => [Uint8Array.of(0, 0, 0, 1), nal]));
}

// An MP4 sample: NAL units behind 32 bits of length, without what the track's header already has.
export function sampleOf(nals: Uint8Array[]): Bytes {
  const parts: Uint8Array[] = [];
  for (const nal of nals) {
    const type = typeOf(nal);
    if (type === NalType.Sps || type === NalType.Pps || type === NalType.Delimiter) continue;
    const size = new Uint8Array(4);
    new DataView(size.buffer).setUint32(0, nal.length);
    parts.push(size, nal);
  }
  return concat(...parts);
}
