// Pictures by WebCodecs. Feeds the decoder no faster than its pictures are wanted, and builds a new
// one, at a key frame, when it fails.
import type { FrameOut, VideoTrack } from '../core/types.js';
import { DecodeGate } from './decode_gate.js';
import { codecOf } from './h264.js';
import { MAX_SIDE } from './media_limits.js';
import { UnitQueue } from './unit_queue.js';

export interface DecodedPicture {
  picture: VideoFrame;  // the receiver's to close
  captured: number;
  presentAt: number;
}

export interface PictureDecoderEvents {
  picture(decoded: DecodedPicture): void;
  needKeyFrame(): void;  // once per loss
}

// A stream does not say its level; these are high enough for what may be in it.
const CODECS = { vp8: 'vp8', vp9: 'vp09.00.41.08', av1: 'av01.0.08M.08' } as const;
const H264 = 'avc1.42e01f';

export const webCodecsName = (codec: VideoTrack['codec']): string | undefined =>
  codec === 'h264' ? H264 : codec === 'unknown' ? undefined : CODECS[codec];

export class PictureDecoder {
  private readonly track: VideoTrack;
  private readonly events: PictureDecoderEvents;
  private readonly gate = new DecodeGate();
  private readonly queue = new UnitQueue();
  private readonly inside = new Map<number, FrameOut>();  // by capture time, which is unique
  private decoder: VideoDecoder | undefined;
  private codec = '';
  private toldLoss = false;

  constructor(track: VideoTrack, events: PictureDecoderEvents) {
    this.track = track;
    this.events = events;
  }

  push(unit: FrameOut): void {
    if (!this.queue.push(unit)) this.lose();
  }

  // Decodes what is next until `wanted` pictures are under way. What is due by `now` never waits:
  // some decoders give a picture only after taking several units.
  feed(wanted: number, now: number): void {
    for (let unit = this.queue.peek(); unit; unit = this.queue.peek()) {
      if (this.inside.size >= wanted && unit.presentAt > now) return;
      this.queue.shift();
      this.decode(unit);
    }
  }

  get nextDue(): number | undefined {
    return this.queue.peek()?.presentAt;
  }

  close(): void {
    this.queue.clear();
    this.drop();
  }

  private decode(unit: FrameOut): void {
    const { frame } = unit;
    if (frame.data.length === 0 || !this.gate.admits(frame)) {
      if (frame.data.length === 0) this.gate.lose();
      if (this.gate.needsKeyFrame) this.tellLoss();
      return;
    }
    try {
      if (frame.key) this.prepare(frame.data);
      this.inside.set(frame.captured, unit);
      this.decoder?.decode(new EncodedVideoChunk({
        type: frame.key ? 'key' : 'delta', timestamp: frame.captured, data: frame.data }));
      if (frame.key) this.toldLoss = false;
    } catch {
      this.toldLoss = false;
      this.lose();
    }
  }

  private prepare(unit: Uint8Array): void {
    const codec = this.track.codec === 'h264' ? codecOf(unit) : webCodecsName(this.track.codec);
    if (!codec) throw new Error('a key frame without parameter sets');
    if (this.decoder?.state === 'configured' && this.codec === codec) return;
    this.drop();
    const decoder = new VideoDecoder({
      output: (picture) => this.take(picture),
      error: () => {
        if (this.decoder !== decoder) return;
        this.toldLoss = false;
        this.lose();
      },
    });
    decoder.configure({ codec, optimizeForLatency: true });
    this.decoder = decoder;
    this.codec = codec;
  }

  private take(picture: VideoFrame): void {
    const unit = this.inside.get(picture.timestamp);
    // In decode order: what came before this one and gave no picture will give none.
    for (const captured of this.inside.keys()) {
      if (captured > picture.timestamp) break;
      this.inside.delete(captured);
    }
    const { displayWidth: width, displayHeight: height } = picture;
    if (!unit?.show || width > MAX_SIDE || height > MAX_SIDE) return picture.close();
    this.events.picture({ picture, captured: unit.frame.captured, presentAt: unit.presentAt });
  }

  private lose(): void {
    this.gate.lose();
    this.drop();
    this.tellLoss();
  }

  private tellLoss(): void {
    if (this.toldLoss) return;
    this.toldLoss = true;
    this.events.needKeyFrame();
  }

  private drop(): void {
    const { decoder } = this;
    this.decoder = undefined;
    this.inside.clear();
    if (decoder && decoder.state !== 'closed') decoder.close();
  }
}
