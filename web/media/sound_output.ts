// Sound by WebCodecs and WebAudio, on the clock of the pictures.
import type { AudioTrack, FrameOut } from '../core/types.js';
import { MAX_OPUS_PACKET, MAX_UNITS } from './media_limits.js';
import type { Clock, PlayerEvents, SoundState } from './player_events.js';
import { SoundClock } from './sound_clock.js';

// A browser that wants a tap first says so only by not starting.
const START_LIMIT_MS = 300;
// The browser's two clocks are read with jitter: each reading counts for so much, ...
const READING_SHARE = 0.02;
// ... unless the clocks have parted (the machine slept, the sound card changed).
const CLOCKS_PARTED_MS = 100;

export class SoundOutput {
  private readonly track: AudioTrack;
  private readonly events: PlayerEvents;
  private readonly clock: Clock;
  private readonly slots = new SoundClock();
  private readonly playing = new Set<AudioBufferSourceNode>();
  private context: AudioContext | undefined;
  private decoder: AudioDecoder | undefined;
  private offset: number | undefined;  // of the page's clock from the context's, ms
  private starting = 0;
  private muted = true;

  constructor(track: AudioTrack, events: PlayerEvents, clock: Clock) {
    this.track = track;
    this.events = events;
    this.clock = clock;
  }

  setMuted(muted: boolean): void {
    this.muted = muted;
    if (muted) {
      this.silence();
      void this.context?.suspend();
      return this.tell();
    }
    this.context ??= this.open();
    void this.context.resume();
    clearTimeout(this.starting);
    this.starting = window.setTimeout(() => this.tell(), START_LIMIT_MS);
  }

  push({ frame, presentAt }: FrameOut): void {
    const { length } = frame.data;
    if (this.muted || this.context?.state !== 'running') return;
    if (length === 0 || length > MAX_OPUS_PACKET || this.playing.size >= MAX_UNITS) return;
    this.decoder ??= this.openDecoder();
    // Its moment goes through the decoder as the packet's time.
    this.decoder.decode(new EncodedAudioChunk({
      type: 'key', timestamp: Math.round(presentAt * 1000), data: frame.data }));
  }

  close(): void {
    clearTimeout(this.starting);
    this.muted = true;
    this.silence();
    if (this.context) {
      this.context.onstatechange = null;
      void this.context.close();
    }
    this.context = undefined;
  }

  private get state(): SoundState {
    if (this.muted) return 'muted';
    return this.context?.state === 'running' ? 'playing' : 'blocked';
  }

  private tell(): void {
    this.events.sound?.(this.state);
  }

  private open(): AudioContext {
    const context = new AudioContext({
      latencyHint: 'interactive', sampleRate: this.track.sampleRate });
    context.onstatechange = () => {
      this.offset = undefined;
      this.slots.reset();
      if (context.state === 'running') this.tell();
    };
    return context;
  }

  private openDecoder(): AudioDecoder {
    const decoder: AudioDecoder = new AudioDecoder({
      output: (data) => {
        if (this.decoder === decoder) this.play(data);
        data.close();
      },
      error: () => {  // the next packet gets another one
        if (this.decoder === decoder) this.decoder = undefined;
      },
    });
    decoder.configure({
      codec: 'opus', sampleRate: this.track.sampleRate, numberOfChannels: this.track.channels });
    return decoder;
  }

  // What the page's clock says when the context's says 0.
  private readClocks(context: AudioContext): number {
    const { contextTime = 0, performanceTime = 0 } = context.getOutputTimestamp();
    const reading = performanceTime > 0
      ? performanceTime - contextTime * 1000
      : this.clock() - context.currentTime * 1000;
    if (this.offset === undefined || Math.abs(reading - this.offset) > CLOCKS_PARTED_MS)
      this.offset = reading;
    this.offset += (reading - this.offset) * READING_SHARE;
    return this.offset;
  }

  private play(data: AudioData): void {
    const { context } = this;
    if (context?.state !== 'running') return;
    const wanted = (data.timestamp / 1000 - this.readClocks(context)) / 1000;
    const slot = this.slots.place(wanted, data.numberOfFrames / data.sampleRate,
                                  context.currentTime);
    if (!slot) return;
    const buffer = context.createBuffer(data.numberOfChannels, data.numberOfFrames,
                                        data.sampleRate);
    for (let channel = 0; channel < data.numberOfChannels; ++channel)
      data.copyTo(buffer.getChannelData(channel), { planeIndex: channel, format: 'f32-planar' });
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.playbackRate.value = slot.rate;
    source.connect(context.destination);
    source.onended = () => this.playing.delete(source);
    source.start(slot.start);
    this.playing.add(source);
  }

  private silence(): void {
    const { decoder } = this;
    this.decoder = undefined;
    if (decoder && decoder.state !== 'closed') decoder.close();
    for (const source of this.playing) {
      source.onended = null;
      source.stop();
      source.disconnect();
      source.buffer = null;
    }
    this.playing.clear();
    this.slots.reset();
  }
}
