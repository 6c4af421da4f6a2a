// Pictures to encoded frames with temporal layers, by WebCodecs.
import type { EncodedFrame, VideoCodec } from '../core/types.js';
import { VIDEO_TRACK } from '../core/types.js';
import { withoutRemarks } from './h264.js';
import { LayerCounter } from './layer_counter.js';

// As host/media: key frames at most so far apart, on demand no nearer than that.
const KEY_INTERVAL_MS = 2_400;
const MIN_KEY_DISTANCE_MS = 500;
const MIN_BITRATE = 50_000;
const MAX_BITRATE = 10_000_000;
// A picture that finds so many before it is left out: a slow encoder must not fall behind.
const MAX_WAITING = 2;
// Firefox makes a key frame of every change of the bitrate: small ones are not worth it.
const LEAST_CHANGE = 0.1;
const MAX_INDEX_IN_CHUNK = 15;
const MAX_FRAME_SIZE = 200_584;  // kMaxFrameSize (engine/base/limits.h)
const MAX_FAILURES = 3;          // of an encoder that has not given a frame since

export interface EncoderChoice {
  codec: VideoCodec;
  name: string;  // for WebCodecs
  layers: boolean;
}

export interface PictureSize {
  width: number;
  height: number;
  fps: number;
}

export interface PictureEncoderEvents {
  // Its number and stream time are the engine's to set; `capturedAt` is on the page's clock.
  frame(frame: EncodedFrame, capturedAt: number): void;
  failed(): void;  // the encoder gives nothing any more
}

export function encoderConfig(choice: EncoderChoice, { width, height, fps }: PictureSize,
                              bitrate: number): VideoEncoderConfig {
  return {
    codec: choice.name, width, height, framerate: fps, bitrate, latencyMode: 'realtime',
    ...(choice.layers ? { scalabilityMode: 'L1T3' } : {}),
    ...(choice.codec === 'h264' ? { avc: { format: 'annexb' } } : {}),
  };
}

const clamped = (bitrate: number): number =>
  Math.min(MAX_BITRATE, Math.max(MIN_BITRATE, Math.round(bitrate)));

export class PictureEncoder {
  private readonly choice: EncoderChoice;
  private readonly size: PictureSize;
  private readonly events: PictureEncoderEvents;
  private layers = new LayerCounter();
  private encoder: VideoEncoder | undefined;
  private bitrate: number;
  private applied = 0;
  private paused = false;
  private keyWanted = true;
  private lastKey = -Infinity;   // ms, of the page's clock
  private lastTime = -Infinity;  // us
  private failures = 0;
  private closed = false;

  constructor(choice: EncoderChoice, size: PictureSize, bitrate: number,
              events: PictureEncoderEvents) {
    this.choice = choice;
    this.size = size;
    this.bitrate = clamped(bitrate);
    this.events = events;
  }

  // `paused`: the network takes no pictures; the first one after it is a key frame.
  setTarget(bitrate: number, paused: boolean): void {
    this.bitrate = clamped(bitrate);
    this.paused = paused;
    if (paused) this.demandKey();
  }

  // A wish that comes too early is kept: whoever asked may have missed the last one.
  keyFrame(): void {
    this.keyWanted = true;
  }

  // The picture's timestamp is when it was captured, in microseconds of the page's clock. It stays
  // the caller's to close.
  encode(picture: VideoFrame): void {
    const capturedAt = picture.timestamp / 1000;
    if (this.closed || this.paused) return;
    const encoder = this.encoder ??= this.open();
    if (encoder.encodeQueueSize > MAX_WAITING || picture.timestamp <= this.lastTime) return;
    if (Math.abs(this.bitrate - this.applied) > LEAST_CHANGE * this.applied)
      this.configure(encoder);
    const since = capturedAt - this.lastKey;
    const keyFrame = since >= KEY_INTERVAL_MS || (this.keyWanted && since >= MIN_KEY_DISTANCE_MS);
    try {
      encoder.encode(picture, { keyFrame });
    } catch {
      return this.fail();
    }
    this.lastTime = picture.timestamp;
    if (!keyFrame) return;
    this.keyWanted = false;
    this.lastKey = capturedAt;
  }

  close(): void {
    this.closed = true;
    this.drop();
  }

  private open(): VideoEncoder {
    const encoder: VideoEncoder = new VideoEncoder({
      output: (chunk, metadata) => {
        if (this.encoder === encoder) this.take(chunk, metadata?.svc?.temporalLayerId ?? 0);
      },
      error: () => {
        if (this.encoder === encoder) this.fail();
      },
    });
    this.demandKey();
    this.configure(encoder);
    return encoder;
  }

  private configure(encoder: VideoEncoder): void {
    encoder.configure(encoderConfig(this.choice, this.size, this.bitrate));
    this.applied = this.bitrate;
  }

  // Encoders insert key frames of their own and then restart the pattern of layers: what they say
  // counts, not a cadence.
  private take(chunk: EncodedVideoChunk, layer: number): void {
    const key = chunk.type === 'key';
    const at = this.layers.next(key, layer);
    if (chunk.byteLength > MAX_FRAME_SIZE || at.indexInChunk > MAX_INDEX_IN_CHUNK)
      return this.demandKey();
    let data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    if (this.choice.codec === 'h264') data = withoutRemarks(data);
    this.failures = 0;
    const capturedAt = chunk.timestamp / 1000;
    if (key) this.lastKey = Math.max(this.lastKey, capturedAt);
    this.events.frame({ ...at, track: VIDEO_TRACK, number: 0, key, captured: 0, data },
                      capturedAt);
  }

  private demandKey(): void {
    this.keyWanted = true;
    this.lastKey = -Infinity;
  }

  private fail(): void {
    this.drop();
    this.layers = new LayerCounter();
    if (++this.failures < MAX_FAILURES) return;  // the next picture opens another one
    this.close();
    this.events.failed();
  }

  private drop(): void {
    const { encoder } = this;
    this.encoder = undefined;
    if (encoder && encoder.state !== 'closed') encoder.close();
  }
}
