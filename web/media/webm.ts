// WebM (RFC 9559) of one track, one cluster a frame.
import { concat, type Bytes } from '../core/bytes.js';
import type { Container, Sample } from './container.js';
import { ascii, f32, u16, u32, u64, u8 } from './fields.js';

const TRACK = 1;
const MICROSECONDS_PER_TICK = 1_000;
const TICK_NS = 1_000_000;

const ID = {
  ebml: 0x1a45dfa3, ebmlVersion: 0x4286, ebmlReadVersion: 0x42f7, ebmlMaxIdLength: 0x42f2,
  ebmlMaxSizeLength: 0x42f3, docType: 0x4282, docTypeVersion: 0x4287, docTypeReadVersion: 0x4285,
  segment: 0x18538067, info: 0x1549a966, timestampScale: 0x2ad7b1, muxingApp: 0x4d80,
  writingApp: 0x5741, tracks: 0x1654ae6b, trackEntry: 0xae, trackNumber: 0xd7, trackUid: 0x73c5,
  trackType: 0x83, codecId: 0x86, codecPrivate: 0x63a2, video: 0xe0, pixelWidth: 0xb0,
  pixelHeight: 0xba, audio: 0xe1, samplingFrequency: 0xb5, channels: 0x9f, cluster: 0x1f43b675,
  timestamp: 0xe7, blockGroup: 0xa0, block: 0xa1, blockDuration: 0x9b, referenceBlock: 0xfb,
} as const;

function idBytes(id: number): Bytes {
  const all = u32(id);
  return all.slice(all.findIndex((byte) => byte !== 0));
}

// An element, its size in four bytes.
const element = (id: number, ...content: Uint8Array[]): Bytes => {
  const size = content.reduce((sum, part) => sum + part.length, 0);
  return concat(idBytes(id), u32((0x1000_0000 | size) >>> 0), ...content);
};

const number = (id: number, value: number): Bytes => element(id, u32(value));

function initSegment(codec: string, ...more: Uint8Array[]): Bytes {
  const APP = ascii('swarmcast');
  const UNKNOWN_SIZE = Uint8Array.of(1, 255, 255, 255, 255, 255, 255, 255);
  const type = codec.startsWith('A_') ? 2 : 1;
  return concat(
    element(ID.ebml, number(ID.ebmlVersion, 1), number(ID.ebmlReadVersion, 1),
            number(ID.ebmlMaxIdLength, 4), number(ID.ebmlMaxSizeLength, 8),
            element(ID.docType, ascii('webm')), number(ID.docTypeVersion, 4),
            number(ID.docTypeReadVersion, 2)),
    idBytes(ID.segment), UNKNOWN_SIZE,
    element(ID.info, number(ID.timestampScale, TICK_NS), element(ID.muxingApp, APP),
            element(ID.writingApp, APP)),
    element(ID.tracks, element(ID.trackEntry, number(ID.trackNumber, TRACK),
                               number(ID.trackUid, TRACK), number(ID.trackType, type),
                               element(ID.codecId, ascii(codec)), ...more)));
}

function cluster({ time, duration, key, data }: Sample): Bytes {
  const start = Math.round(time / MICROSECONDS_PER_TICK);
  const length = Math.max(1, Math.round(duration / MICROSECONDS_PER_TICK));
  const TRACK_AS_SIZE = 0x80 | TRACK;
  // Which frame it refers to nobody reads: only that there is one.
  const reference = key ? [] : [element(ID.referenceBlock, u8(0xff))];
  return element(
    ID.cluster, element(ID.timestamp, u64(start)),
    element(ID.blockGroup, element(ID.block, u8(TRACK_AS_SIZE), u16(0), u8(0), data),
            number(ID.blockDuration, length), ...reference));
}

class WebM implements Container {
  readonly type: string;
  readonly init: Bytes;

  constructor(type: string, init: Bytes) {
    this.type = type;
    this.init = init;
  }

  segment(sample: Sample): Bytes {
    return cluster(sample);
  }
}

const VIDEO = {
  vp8: { id: 'V_VP8', name: 'vp8' },
  vp9: { id: 'V_VP9', name: 'vp09.00.41.08' },
} as const;

export function vpxWebM(codec: 'vp8' | 'vp9', width: number, height: number): Container {
  const { id, name } = VIDEO[codec];
  return new WebM(`video/webm; codecs="${name}"`, initSegment(
    id, element(ID.video, number(ID.pixelWidth, width), number(ID.pixelHeight, height))));
}

// For browsers that take no Opus in MP4.
export function opusWebM(channels: number, sampleRate: number): Container {
  const little = (bytes: Bytes): Bytes => bytes.reverse();
  const head = concat(ascii('OpusHead'), u8(1), u8(channels), u16(0), little(u32(sampleRate)),
                      u16(0), u8(0));
  return new WebM('audio/webm; codecs="opus"', initSegment(
    'A_OPUS', element(ID.codecPrivate, head),
    element(ID.audio, element(ID.samplingFrequency, f32(sampleRate)),
            number(ID.channels, channels))));
}
