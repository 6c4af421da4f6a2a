// Encoded frames as text, to carry them from one browser to another.
import type { EncodedFrame, StreamDescription, VideoCodec } from '../../../web/core/types.js';
import { base64 } from '../../../web/core/bytes.js';
import { chooseEncoder } from '../../../web/media/encoder_choice.js';
import { PictureEncoder, type EncoderChoice } from '../../../web/media/picture_encoder.js';
import { writeStamp } from '../lib/stamp.mjs';

export const SIZE = { width: 640, height: 360, fps: 20 };
const PERIOD_MS = 1000 / SIZE.fps;
const BITRATE = 800_000;
const PACKET_US = 20_000;
const RATE = 48_000;

export type Recorded = Omit<EncodedFrame, 'data'> & { data: string };

export interface Recording {
  description: StreamDescription;
  layered: boolean;
  frames: Recorded[];  // in the order of their capture; a picture's stamp is its number
  took: number[];      // ms from a picture's drawing to its encoded frame
}

export const bytesOf = (text: string): Uint8Array =>
  Uint8Array.from(atob(text), (char) => char.charCodeAt(0));

const NAMES: Record<VideoCodec, string> =
  { h264: 'avc1.42e01f', vp8: 'vp8', vp9: 'vp09.00.31.08', av1: 'av01.0.04M.08' };

// Something moves, and the stamp says which picture it is.
export function draw(context: OffscreenCanvasRenderingContext2D, number: number): void {
  const { width, height } = context.canvas;
  context.fillStyle = '#357';
  context.fillRect(0, 0, width, height);
  for (let n = 0; n < 12; ++n) {
    context.fillStyle = `hsl(${n * 30 + number * 3} 70% 50%)`;
    context.fillRect((n * 97 + number * 7) % width, 60 + (n * 53 + number * 3) % (height - 100),
                     70, 50);
  }
  writeStamp(context, number);
}

export const drawing = (): OffscreenCanvasRenderingContext2D =>
  new OffscreenCanvas(SIZE.width, SIZE.height).getContext('2d')!;

// `keys`: numbers of pictures that a key frame is asked for at.
export async function record({ codec, count, keys = [], sound = false }: {
  codec?: VideoCodec; count: number; keys?: number[]; sound?: boolean;
}): Promise<Recording> {
  const choice: EncoderChoice | undefined =
    codec ? { codec, name: NAMES[codec], layers: true } : await chooseEncoder(SIZE);
  if (!choice) throw new Error('no encoder');
  const context = drawing();
  const frames: Recorded[] = [];
  const took: number[] = [];
  const starts: number[] = [];
  const base = 1_000_000;
  let failed = false;
  const encoder = new PictureEncoder(choice, SIZE, BITRATE, {
    frame(frame, capturedAt) {
      const number = frames.length;
      took.push(performance.now() - starts[number]!);
      frames.push({ ...frame, number, captured: Math.round((capturedAt + base) * 1000),
                    data: base64(frame.data) });
    },
    failed: () => { failed = true; },
  });
  for (let number = 0; number < count && !failed; ++number) {
    draw(context, number);
    if (keys.includes(number)) encoder.keyFrame();
    const picture = new VideoFrame(context.canvas, { timestamp: number * PERIOD_MS * 1000 });
    starts.push(performance.now());
    encoder.encode(picture);
    picture.close();
    while (frames.length <= number && !failed) await new Promise((next) => { setTimeout(next, 1); });
  }
  encoder.close();
  if (failed) throw new Error('the encoder failed');
  if (sound) frames.push(...await tone(count * PERIOD_MS, base));
  frames.sort((a, b) => a.captured - b.captured);
  return {
    description: {
      video: [{ track: 0, codec: choice.codec, ...SIZE }],
      audio: sound ? [{ track: 1, codec: 'opus', sampleRate: RATE, channels: 1 }] : [],
      playout: 0 },
    layered: choice.layers, frames, took };
}

async function tone(lengthMs: number, base: number): Promise<Recorded[]> {
  const packets: Recorded[] = [];
  const encoder = new AudioEncoder({
    output(chunk) {
      const data = new Uint8Array(chunk.byteLength);
      chunk.copyTo(data);
      const number = packets.length;
      packets.push({ track: 1, number, indexInChunk: 0, temporalId: 0, key: true, dependsOn: 0,
                     captured: base * 1000 + number * PACKET_US, data: base64(data) });
    },
    error: (error) => { throw error; },
  });
  encoder.configure({ codec: 'opus', sampleRate: RATE, numberOfChannels: 1, bitrate: 32_000 });
  const samples = RATE * PACKET_US / 1e6;
  for (let n = 0; n < lengthMs * 1000 / PACKET_US; ++n) {
    const data = Float32Array.from({ length: samples }, (_, i) =>
      0.3 * Math.sin(2 * Math.PI * 440 * (n * samples + i) / RATE));
    const audio = new AudioData({ format: 'f32-planar', sampleRate: RATE, numberOfFrames: samples,
                                  numberOfChannels: 1, timestamp: n * PACKET_US, data });
    encoder.encode(audio);
    audio.close();
  }
  await encoder.flush();
  encoder.close();
  return packets;
}
