// What Media Source Extensions take: an initialisation segment, then segments of one frame each.
import type { Bytes } from '../core/bytes.js';

export interface Sample {
  time: number;      // microseconds
  duration: number;  // microseconds
  key: boolean;
  data: Uint8Array;
}

export interface Container {
  readonly type: string;  // for addSourceBuffer
  readonly init: Bytes;
  segment(sample: Sample): Bytes;
}
