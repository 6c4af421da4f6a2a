// Sound from a microphone to Opus packets of 20 ms.
import { AUDIO_TRACK, type EncodedFrame } from '../core/types.js';
import { CaptureClock } from './capture_clock.js';
import { MAX_OPUS_PACKET } from './media_limits.js';
import workletUrl from './pcm_worklet.ts?worker&url';

const SAMPLE_RATE = 48_000;
const PACKET_MS = 20;
const BITRATE = 32_000;

interface Packet {
  packet: Float32Array<ArrayBuffer>;
  end: number;  // samples since the context began
}

export const canEncodeSound = (): boolean =>
  'AudioEncoder' in window && 'AudioWorkletNode' in window;

export class Microphone {
  private readonly context = new AudioContext({ sampleRate: SAMPLE_RATE, latencyHint: 'interactive' });
  private readonly clock = new CaptureClock();
  private readonly onFrame: (frame: EncodedFrame, capturedAt: number) => void;
  private encoder: AudioEncoder | undefined;
  private node: AudioWorkletNode | undefined;
  private last = -Infinity;  // us
  private closed = false;

  constructor(onFrame: (frame: EncodedFrame, capturedAt: number) => void) {
    this.onFrame = onFrame;
  }

  async start(track: MediaStreamTrack): Promise<void> {
    const { context } = this;
    await context.audioWorklet.addModule(workletUrl);
    if (this.closed) return;
    this.node = new AudioWorkletNode(context, 'packets', { numberOfOutputs: 0, channelCount: 1,
                                                           channelCountMode: 'explicit' });
    this.node.port.onmessage = ({ data }: MessageEvent<Packet>) => this.encode(data);
    context.createMediaStreamSource(new MediaStream([track])).connect(this.node);
    await context.resume();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    if (this.node) this.node.port.onmessage = null;
    this.node?.disconnect();
    if (this.encoder && this.encoder.state !== 'closed') this.encoder.close();
    this.encoder = this.node = undefined;
    void this.context.close();
  }

  private encode({ packet, end }: Packet): void {
    if (this.closed) return;
    const endedAt = this.clock.at(end * 1000 / SAMPLE_RATE, performance.now());
    const timestamp = Math.round((endedAt - PACKET_MS) * 1000);
    if (timestamp <= this.last) return;
    this.last = timestamp;
    const encoder = this.encoder ??= this.open();
    const data = new AudioData({
      format: 'f32-planar', sampleRate: SAMPLE_RATE, numberOfFrames: packet.length,
      numberOfChannels: 1, timestamp, data: packet });
    encoder.encode(data);
    data.close();
  }

  private open(): AudioEncoder {
    const encoder: AudioEncoder = new AudioEncoder({
      output: (chunk) => {
        if (this.encoder === encoder) this.take(chunk);
      },
      error: () => {  // the next packet gets another one
        if (this.encoder === encoder) this.encoder = undefined;
      },
    });
    encoder.configure({ codec: 'opus', sampleRate: SAMPLE_RATE, numberOfChannels: 1,
                        bitrate: BITRATE, opus: { frameDuration: PACKET_MS * 1000 } });
    return encoder;
  }

  private take(chunk: EncodedAudioChunk): void {
    if (chunk.byteLength === 0 || chunk.byteLength > MAX_OPUS_PACKET) return;
    const data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    this.onFrame({ track: AUDIO_TRACK, number: 0, indexInChunk: 0, temporalId: 0, key: true,
                   dependsOn: 0, captured: 0, data }, chunk.timestamp / 1000);
  }
}
