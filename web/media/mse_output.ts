// Pictures and sound by Media Source Extensions: all that a page from plain http has.
import type { AudioTrack, FrameOut, StreamDescription, VideoTrack } from '../core/types.js';
import type { Container } from './container.js';
import { DecodeGate } from './decode_gate.js';
import { h264Mp4, opusMp4 } from './fmp4.js';
import { nalsOf, parameterSets, sampleOf } from './h264.js';
import { LiveEdge } from './live_edge.js';
import { MAX_OPUS_PACKET } from './media_limits.js';
import type { Clock, PlayerEvents, PlayerProblem } from './player_events.js';
import { SourceFeed } from './source_feed.js';
import { opusWebM, vpxWebM } from './webm.js';

// A frame is said to last until well after the next one, which may be left out: over a gap of more
// than two durations an element waits for a key frame.
const MINI_GOP = 4;
const FALLBACK_FPS = 20;
const PACKET_US = 20_000;
// A packet's time is its predecessor's end, unless they are further apart than this.
const MAX_SEAM_US = 60_000;
// What has been seen is kept for so long, then up to the key frame before.
const KEPT_S = 1;
const MAX_KEY_TIMES = 64;

declare global {
  interface Window { ManagedMediaSource?: typeof MediaSource }
}

const mediaSource = (): typeof MediaSource | undefined =>
  window.ManagedMediaSource ?? window.MediaSource;

// Why this browser cannot show `description` this way; undefined if it can.
export function mseProblem({ video: [video] }: StreamDescription): PlayerProblem | undefined {
  const source = mediaSource();
  if (!source) return 'no_decoder';
  if (!video) return undefined;
  const { codec } = video;
  if (codec === 'unknown') return 'unknown_codec';
  const type = codec === 'h264' ? 'video/mp4; codecs="avc1.42c01f"'
    : codec === 'av1' ? '' : vpxWebM(codec, video.width, video.height).type;
  if (type && source.isTypeSupported(type)) return undefined;
  return window.isSecureContext ? 'codec_unsupported' : 'codec_needs_https';
}

function soundContainer({ channels, sampleRate }: AudioTrack): Container | undefined {
  const source = mediaSource()!;
  return [opusMp4(channels, sampleRate), opusWebM(channels, sampleRate)].find(
    ({ type }) => source.isTypeSupported(type));
}

export class MseOutput {
  readonly element: HTMLVideoElement;
  private readonly events: PlayerEvents;
  private readonly clock: Clock;
  private readonly video: VideoTrack | undefined;
  private readonly sound: Container | undefined;
  private readonly duration: number;  // of a picture, us
  private readonly gate = new DecodeGate();
  private readonly edge = new LiveEdge();
  private source: MediaSource | undefined;
  private address = '';
  private pictures: Container | undefined;
  private feeds: { video?: SourceFeed; sound?: SourceFeed } = {};
  private base: number | undefined;  // stream time of media time 0, us
  private soundEnd: number | undefined;  // us
  private keyTimes: number[] = [];  // seconds, of what is buffered
  private toldLoss = false;
  private muted = true;
  private closed = false;

  constructor(mount: HTMLElement, description: StreamDescription, events: PlayerEvents,
              clock: Clock) {
    this.events = events;
    this.clock = clock;
    [this.video] = description.video;
    const [audio] = description.audio;
    this.sound = audio && soundContainer(audio);
    this.duration = MINI_GOP * 1_000_000 / (this.video?.fps || FALLBACK_FPS);
    this.element = document.createElement('video');
    this.element.muted = true;
    this.element.playsInline = true;
    this.element.disableRemotePlayback = true;  // ManagedMediaSource insists
    this.element.addEventListener('waiting', () => this.edge.onStall());
    this.element.addEventListener('error', () => this.lose());
    mount.append(this.element);
    this.watchPictures();
  }

  push(unit: FrameOut): void {
    const isVideo = unit.frame.track === this.video?.track;
    if (isVideo) this.pushPicture(unit);
    else if (this.sound) this.pushSound(unit, this.sound);
    this.steer();
  }

  setMuted(muted: boolean): void {
    this.muted = muted;
    this.element.muted = muted;
    if (muted) this.events.sound?.(this.sound ? 'muted' : 'none');
    else void this.play();
  }

  close(): void {
    this.closed = true;
    this.drop();
    this.element.remove();
  }

  private pushPicture({ frame, presentAt }: FrameOut): void {
    if (!this.gate.admits(frame)) {
      if (this.gate.needsKeyFrame) this.tellLoss();
      return;
    }
    const isH264 = this.video!.codec === 'h264';
    const nals = isH264 ? nalsOf(frame.data) : [];
    if (frame.key && !this.begin(nals)) return this.lose();
    const time = this.timeOf(frame.captured);
    if (!this.pictures || time === undefined) return;
    this.feeds.video?.append(this.pictures.segment({
      time, duration: this.duration, key: frame.key, data: isH264 ? sampleOf(nals) : frame.data }));
    if (frame.key) this.rememberKey(time / 1e6);
    this.edge.onFrame(time / 1e6, presentAt);
  }

  private pushSound({ frame, presentAt }: FrameOut, container: Container): void {
    if (frame.data.length === 0 || frame.data.length > MAX_OPUS_PACKET) return;
    if (!this.video && !this.source) this.open(undefined);
    let time = this.timeOf(frame.captured);
    if (time === undefined || !this.source) return;
    const seam = this.soundEnd === undefined ? Infinity : Math.abs(time - this.soundEnd);
    if (seam < MAX_SEAM_US) time = this.soundEnd!;
    this.soundEnd = time + PACKET_US;
    this.feeds.sound?.append(container.segment({
      time, duration: PACKET_US, key: true, data: frame.data }));
    if (!this.video) {
      this.rememberKey(time / 1e6);
      this.edge.onFrame(time / 1e6, presentAt);
    }
  }

  // Media time, us. Media time 0 is some way before the first frame: sound may be older.
  private timeOf(captured: number): number | undefined {
    const HEADROOM_US = 1_000_000;
    if (this.source) this.base ??= captured - HEADROOM_US;
    const time = captured - (this.base ?? captured);
    return this.base === undefined || time < 0 ? undefined : time;
  }

  // A key frame: makes or changes the header of the pictures. False: it makes no sense.
  private begin(nals: Uint8Array[]): boolean {
    const { codec, width, height } = this.video!;
    let container: Container;
    if (codec === 'h264') {
      const sets = parameterSets(nals);
      if (!sets) return false;
      container = h264Mp4(sets, width, height);
    } else if (codec === 'vp8' || codec === 'vp9') {
      container = vpxWebM(codec, width, height);
    } else {
      return false;
    }
    this.toldLoss = false;
    if (!this.source) this.open(container);
    else if (!sameBytes(this.pictures!.init, container.init)) {
      this.pictures = container;
      this.feeds.video?.append(container.init);
    }
    return true;
  }

  private open(pictures: Container | undefined): void {
    const source = new (mediaSource()!)();
    this.source = source;
    this.pictures = pictures;
    if (pictures) this.feeds.video = this.feed(source, pictures);
    if (this.sound) this.feeds.sound = this.feed(source, this.sound);
    this.address = URL.createObjectURL(source);
    this.element.src = this.address;
    void this.play();
  }

  // A stream of segments into `source`, which takes them as soon as it is open.
  private feed(source: MediaSource, container: Container): SourceFeed {
    const feed = new SourceFeed(() => this.lose());
    feed.append(container.init);
    source.addEventListener('sourceopen', () => {
      if (this.source === source) feed.attach(source.addSourceBuffer(container.type));
    }, { once: true });
    return feed;
  }

  private async play(): Promise<void> {
    if (!this.source || this.closed) return;
    this.element.muted = this.muted;
    try {
      await this.element.play();
      if (!this.closed) this.events.sound?.(this.state);
    } catch (error) {
      if (this.closed || this.element.muted || (error as Error).name !== 'NotAllowedError') return;
      this.element.muted = true;  // a picture without sound, until a tap
      this.events.sound?.('blocked');
      await this.element.play().catch(() => {});
    }
  }

  private get state() {
    return !this.sound ? 'none' : this.muted ? 'muted' : 'playing';
  }

  private steer(): void {
    const { element } = this;
    if (element.readyState === HTMLMediaElement.HAVE_NOTHING) return;
    if (element.seeking) return this.reachBuffered();
    const correction = this.edge.correction(this.clock(), element.currentTime);
    if (!correction) return;
    if ('rate' in correction) {
      if (element.playbackRate !== correction.rate) element.playbackRate = correction.rate;
    } else {
      element.currentTime = correction.seek;
    }
    this.trim();
  }

  // Sound may begin after the pictures: a seek to before both are there would never end.
  private reachBuffered(): void {
    const { buffered, currentTime } = this.element;
    if (buffered.length > 0 && currentTime < buffered.start(0))
      this.element.currentTime = buffered.start(0);
  }

  private rememberKey(time: number): void {
    this.keyTimes.push(time);
    if (this.keyTimes.length > MAX_KEY_TIMES) this.keyTimes.shift();
  }

  private trim(): void {
    const oldest = this.element.currentTime - KEPT_S;
    const last = this.keyTimes.findLastIndex((time) => time <= oldest);
    if (last <= 0) return;
    const JUST_BEFORE_S = 0.001;
    const time = this.keyTimes[last]! - JUST_BEFORE_S;
    this.keyTimes.splice(0, last);
    this.feeds.video?.trim(time);
    this.feeds.sound?.trim(time);
  }

  private watchPictures(): void {
    if (!this.events.presented || !this.element.requestVideoFrameCallback) return;
    const seen: VideoFrameRequestCallback = (now, { mediaTime }) => {
      if (this.closed) return;
      if (this.base !== undefined) this.events.presented?.(this.base + mediaTime * 1e6, now);
      this.element.requestVideoFrameCallback(seen);
    };
    this.element.requestVideoFrameCallback(seen);
  }

  private lose(): void {
    if (this.closed) return;
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
    this.feeds.video?.close();
    this.feeds.sound?.close();
    this.feeds = {};
    this.source = this.pictures = this.base = this.soundEnd = undefined;
    this.keyTimes = [];
    if (!this.address) return;
    URL.revokeObjectURL(this.address);
    this.address = '';
    this.element.removeAttribute('src');
    this.element.load();  // forgets what it has
  }
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at]);
