// Fragmented MP4 (ISO/IEC 14496-12) of one track, one moof and mdat a frame.
import { concat, type Bytes } from '../core/bytes.js';
import type { Container, Sample } from './container.js';
import { ascii, u16, u32, u64, u8, zeros } from './fields.js';
import { codecString, type ParameterSets } from './h264.js';

const TRACK = 1;
const MICROSECONDS = 1_000_000;
const MATRIX = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x4000_0000];  // the picture as it is
const UNDETERMINED = 0x55c4;  // the language "und"
const IN_SAME_FILE = 1;       // of a data reference
const DPI_72 = 0x48_0000;

const box = (type: string, ...content: Uint8Array[]): Bytes => {
  const size = content.reduce((sum, part) => sum + part.length, 8);
  return concat(u32(size), ascii(type), ...content);
};

const fullBox = (type: string, version: number, flags: number, ...content: Uint8Array[]): Bytes =>
  box(type, u32(version << 24 | flags), ...content);

interface Track {
  handler: 'vide' | 'soun';
  timescale: number;  // units a second
  width: number;
  height: number;
  entry: Bytes;       // of the sample description
  mediaHeader: Bytes;
}

function movieHeader(timescale: number): Bytes {
  return fullBox('mvhd', 0, 0, zeros(8), u32(timescale), u32(0), u32(0x10000), u16(0x100),
                 zeros(10), ...MATRIX.map(u32), zeros(24), u32(TRACK + 1));
}

function trackBox({ handler, timescale, width, height, entry, mediaHeader }: Track): Bytes {
  const ENABLED_IN_MOVIE = 3;
  const tables = box(
    'stbl', fullBox('stsd', 0, 0, u32(1), entry), fullBox('stts', 0, 0, u32(0)),
    fullBox('stsc', 0, 0, u32(0)), fullBox('stsz', 0, 0, u32(0), u32(0)),
    fullBox('stco', 0, 0, u32(0)));
  const reference = box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, IN_SAME_FILE)));
  return box(
    'trak',
    fullBox('tkhd', 0, ENABLED_IN_MOVIE, zeros(8), u32(TRACK), zeros(4), u32(0), zeros(8), u16(0),
            u16(0), u16(handler === 'soun' ? 0x100 : 0), u16(0), ...MATRIX.map(u32),
            u32(width << 16 >>> 0), u32(height << 16 >>> 0)),
    box('mdia',
        fullBox('mdhd', 0, 0, zeros(8), u32(timescale), u32(0), u16(UNDETERMINED), u16(0)),
        fullBox('hdlr', 0, 0, u32(0), ascii(handler), zeros(12), u8(0)),
        box('minf', mediaHeader, reference, tables)));
}

function initSegment(track: Track): Bytes {
  return concat(
    box('ftyp', ascii('iso5'), u32(0), ascii('iso5'), ascii('iso6'), ascii('mp41')),
    box('moov', movieHeader(track.timescale), trackBox(track),
        box('mvex', fullBox('trex', 0, 0, u32(TRACK), u32(1), u32(0), u32(0), u32(0)))));
}

// Sample flags: whether others are needed to decode this one.
const INDEPENDENT = 0x0200_0000;
const DEPENDENT = 0x0101_0000;

function mediaSegment(sequence: number, timescale: number, sample: Sample): Bytes {
  const BASE_IS_MOOF = 0x02_0000;
  const OFFSET_DURATION_SIZE_FLAGS = 0x701;
  const units = (us: number): number => Math.round(us * timescale / MICROSECONDS);
  const movieFragment = (offset: number): Bytes => box(
    'moof', fullBox('mfhd', 0, 0, u32(sequence)),
    box('traf', fullBox('tfhd', 0, BASE_IS_MOOF, u32(TRACK)),
        fullBox('tfdt', 1, 0, u64(units(sample.time))),
        fullBox('trun', 0, OFFSET_DURATION_SIZE_FLAGS, u32(1), u32(offset),
                u32(units(sample.duration)), u32(sample.data.length),
                u32(sample.key ? INDEPENDENT : DEPENDENT))));
  const MDAT_HEADER = 8;
  return concat(movieFragment(movieFragment(0).length + MDAT_HEADER), box('mdat', sample.data));
}

class Mp4 implements Container {
  readonly type: string;
  readonly init: Bytes;
  private readonly timescale: number;
  private sequence = 0;

  constructor(type: string, track: Track) {
    this.type = type;
    this.init = initSegment(track);
    this.timescale = track.timescale;
  }

  segment(sample: Sample): Bytes {
    return mediaSegment(++this.sequence, this.timescale, sample);
  }
}

function avcConfiguration({ sps, pps }: ParameterSets): Bytes {
  const FOUR_BYTE_LENGTHS = 0xff;
  const ONE_SPS = 0xe1;
  return box('avcC', u8(1), sps.subarray(1, 4), u8(FOUR_BYTE_LENGTHS), u8(ONE_SPS),
             u16(sps.length), sps, u8(1), u16(pps.length), pps);
}

// Samples are as h264.ts sampleOf() makes them.
export function h264Mp4(sets: ParameterSets, width: number, height: number): Container {
  const COLOUR_24_BIT = 0x18;
  const entry = box(
    'avc1', zeros(6), u16(IN_SAME_FILE), zeros(16), u16(width), u16(height), u32(DPI_72),
    u32(DPI_72), u32(0), u16(1), zeros(32), u16(COLOUR_24_BIT), u16(0xffff),
    avcConfiguration(sets));
  return new Mp4(`video/mp4; codecs="${codecString(sets.sps)}"`, {
    handler: 'vide', timescale: MICROSECONDS, width, height, entry,
    mediaHeader: fullBox('vmhd', 0, 1, zeros(8)) });
}

export function opusMp4(channels: number, sampleRate: number): Container {
  const entry = box(
    'Opus', zeros(6), u16(IN_SAME_FILE), zeros(8), u16(channels), u16(16), zeros(4),
    u32(sampleRate << 16 >>> 0),
    box('dOps', u8(0), u8(channels), u16(0), u32(sampleRate), u16(0), u8(0)));
  return new Mp4('audio/mp4; codecs="opus"', {
    handler: 'soun', timescale: sampleRate, width: 0, height: 0, entry,
    mediaHeader: fullBox('smhd', 0, 0, zeros(4)) });
}
