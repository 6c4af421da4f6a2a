// The engine, as WebAssembly: the same object as in engine/api/engine.h.
//
//   engine.datagram(now, link, bytes);                  // one input,
//   for (const output of engine.outputs(now)) ...       // then what is to be done,
//   set a timer to engine.nextTimeout().                // then wait.
//
// One module instance an engine: when it ends, all of its memory is zeroed.
import { ByteReader, ByteWriter } from './byte_io.ts';
import { toHex, type Bytes } from './bytes.ts';
import type { Crypto } from './crypto.ts';
import { formatEndpoint, type Endpoint } from './endpoint.ts';
import { readLinkDescription, writeLinkDescription,
         type LinkDescription } from './link_description.ts';
import { readStats, STAT_COUNT } from './stats.ts';
import { AUDIO_TRACK, VIDEO_TRACK, type EncodedFrame, type EncoderHint, type EndReason,
         type FrameOut, type LinkChange, type Stats, type StreamDescription, type TemporalId,
         type VideoTrack } from './types.ts';

const ABI_VERSION = 2;

export type Role = 'source' | 'viewer' | 'relay';
const ROLES: Role[] = ['source', 'viewer', 'relay'];

export interface Contact {
  peer: string;  // its id, hex; of zeroes only: unknown
  endpoint: Endpoint;
  fingerprint: Bytes;
}

// As EngineOptions in engine/api/options.h.
export interface EngineOptions {
  role: Role;
  secret: Uint8Array;
  sourceKeyHash?: Uint8Array;      // from the invite
  listenFingerprint?: Uint8Array;
  listening: boolean;
  browser: boolean;
  canReachGateways: boolean;
  parentOnly?: boolean;
  entry?: { endpoint: Endpoint; fingerprint: Uint8Array };
  places?: number;                 // children we feed
  playout?: number;                // ms; automatic
  stream?: StreamDescription;      // source only
  bitsPerSecond?: number;          // source only
  seed: Uint8Array;                // 32
}
const DEFAULT_PLACES = 4;

// Bytes are borrowed until the next output or input, but for a frame's.
export type Output =
  | { kind: 'transmit'; link: number; control: boolean; message: Bytes }
  | { kind: 'openLink'; link: number; contact: Contact }
  | { kind: 'prepareLink'; link: number; initiator: boolean; listenerCertificate: boolean }
  | { kind: 'remoteDescription'; link: number; description: LinkDescription }
  | { kind: 'closeLink'; link: number }
  | { kind: 'needSignalPath' }
  | { kind: 'sendSignal'; path: number; message: Bytes }
  | { kind: 'frame'; frame: FrameOut }
  | { kind: 'keyFrameWanted' }
  | { kind: 'encoderHint'; hint: EncoderHint }
  | { kind: 'streamKnown'; stream: StreamDescription }
  | { kind: 'linkChanged'; change: LinkChange }
  | { kind: 'addressObserved'; endpoint: Endpoint }
  | { kind: 'ended'; reason: EndReason };

const DIRECTIONS = ['other', 'parent', 'backup', 'child', 'standby'] as const;
const STATES = ['connecting', 'up', 'down'] as const;
const REASONS: EndReason[] = ['stopped', 'source_ended', 'entry_unreachable', 'wrong_secret',
                              'wrong_source', 'version_mismatch', 'swarm_full', 'source_lost'];
const CODECS = ['none', 'h264', 'vp9', 'av1', 'vp8'] as const;

// wasm/abi.h
interface Exports {
  memory: WebAssembly.Memory;
  _initialize(): void;
  abi_version(): number;
  inbox(): number;
  inbox_size(): number;
  create(now: number): void;
  link_up(now: number, link: number, ours: number): void;
  link_down(now: number, link: number): void;
  datagram(now: number, link: number, size: number, arrived: number): void;
  local_description(now: number, link: number, size: number): number;
  path_up(now: number, path: number, toEntry: number): void;
  path_down(now: number, path: number): void;
  signal(now: number, path: number, size: number): void;
  publish(now: number, bits: number, size: number, captured: number): void;
  need_key_frame(now: number): void;
  set_places(now: number, places: number): void;
  stop(now: number): void;
  timeout(now: number): void;
  poll(now: number): number;
  next_timeout(): number;
  stat_count(): number;
  stats(now: number): number;
  stream_time(now: number): number;
  source_key_hash(): number;
  peer_id(): number;
}

// Our own fault: the engine's checks failed, or it ran out of memory. It is of no use any more.
export class EngineFailure extends Error {}

export class Engine {
  readonly #exports: Exports;
  readonly #inbox: number;
  readonly #inboxSize: number;
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView<ArrayBuffer>;

  private constructor(exports: Exports) {
    this.#exports = exports;
    if (exports.abi_version() !== ABI_VERSION) throw new EngineFailure('another ABI version');
    this.#inbox = exports.inbox();
    this.#inboxSize = exports.inbox_size();
    this.#bytes = new Uint8Array(exports.memory.buffer as ArrayBuffer);
    this.#view = new DataView(this.#bytes.buffer);
  }

  static async create(now: number, module: WebAssembly.Module, crypto: Crypto,
                      options: EngineOptions): Promise<Engine> {
    let bytes = new Uint8Array();
    const memory = () => {
      if (bytes.length === 0) bytes = new Uint8Array(exports.memory.buffer as ArrayBuffer);
      return bytes;
    };
    const text = (at: number, size: number) =>
      String.fromCharCode(...memory().subarray(at, at + size));
    const failed = (what: number, size: number, where: number, whereSize: number, line: number) => {
      throw new EngineFailure(`${text(what, size)} at ${text(where, whereSize)}:${line}`);
    };
    const instance = await WebAssembly.instantiate(
      module, { host: { ...crypto.imports(memory), failed } });
    const exports = instance.exports as unknown as Exports;
    exports._initialize();
    const engine = new Engine(exports);
    engine.#write((out) => writeOptions(out, options));
    exports.create(now);
    return engine;
  }

  linkUp(now: number, link: number, ours: boolean, fingerprints: { local: Uint8Array;
         remote: Uint8Array }, remote: Endpoint): void {
    this.#write((out) => out.bytes(fingerprints.local).bytes(fingerprints.remote).endpoint(remote));
    this.#exports.link_up(now, link, ours ? 1 : 0);
  }
  linkDown(now: number, link: number): void {
    this.#exports.link_down(now, link);
  }
  // `arrived`: when it reached this page.
  datagram(now: number, link: number, message: Uint8Array, arrived = now): void {
    this.#exports.datagram(now, link, this.#put(message), arrived);
  }
  localDescription(now: number, link: number, description: LinkDescription): void {
    const size = this.#write((out) => writeLinkDescription(out, description));
    if (!this.#exports.local_description(now, link, size)) {
      throw new EngineFailure('not a link description');
    }
  }
  pathUp(now: number, path: number, toEntry: boolean): void {
    this.#exports.path_up(now, path, toEntry ? 1 : 0);
  }
  pathDown(now: number, path: number): void { this.#exports.path_down(now, path); }
  signal(now: number, path: number, message: Uint8Array): void {
    this.#exports.signal(now, path, this.#put(message));
  }
  publish(now: number, frame: EncodedFrame, captured: number): void {
    const bits = frame.track | frame.indexInChunk << 8 | frame.temporalId << 16 |
      frame.dependsOn << 20 | (frame.key ? 1 : 0) << 28;
    this.#exports.publish(now, bits, this.#put(frame.data), captured);
  }
  needKeyFrame(now: number): void { this.#exports.need_key_frame(now); }
  // So many children are fed from now on.
  setPlaces(now: number, places: number): void { this.#exports.set_places(now, places); }
  stop(now: number): void { this.#exports.stop(now); }
  timeout(now: number): void { this.#exports.timeout(now); }

  // All that is to be done; take every one before the next input.
  *outputs(now: number): Generator<Output, void, void> {
    for (let at = this.#exports.poll(now); at !== 0; at = this.#exports.poll(now)) {
      yield this.#read(at);
    }
  }
  // Infinity: never.
  nextTimeout(): number { return this.#exports.next_timeout(); }

  stats(now: number): Stats {
    const at = this.#exports.stats(now);
    this.#refresh();
    return readStats(Array.from({ length: STAT_COUNT },
                                (_, index) => this.#view.getFloat64(at + index * 8, true)));
  }
  // Microseconds since the stream began; undefined until known.
  streamTime(now: number): number | undefined {
    const time = this.#exports.stream_time(now);
    return Number.isNaN(time) ? undefined : time;
  }
  sourceKeyHash(): Bytes { return this.#slice(this.#exports.source_key_hash(), 16); }
  peerId(): string { return toHex(this.#slice(this.#exports.peer_id(), 16)); }

  // Zeroes every byte the engine has ever written. Nothing else may be called afterwards.
  wipe(): void {
    new Uint8Array(this.#exports.memory.buffer).fill(0);
  }

  // Memory that has grown detaches what looked at it.
  #refresh(): void {
    if (this.#bytes.length !== 0) return;
    this.#bytes = new Uint8Array(this.#exports.memory.buffer as ArrayBuffer);
    this.#view = new DataView(this.#bytes.buffer);
  }
  #slice(at: number, size: number): Bytes {
    this.#refresh();
    return this.#bytes.slice(at, at + size);
  }
  #put(bytes: Uint8Array): number {
    if (bytes.length > this.#inboxSize) throw new RangeError('longer than any input');
    this.#refresh();
    this.#bytes.set(bytes, this.#inbox);
    return bytes.length;
  }
  #write(write: (out: ByteWriter) => void): number {
    this.#refresh();
    const out = new ByteWriter(this.#bytes.subarray(this.#inbox, this.#inbox + this.#inboxSize));
    write(out);
    return out.size;
  }

  #read(at: number): Output {
    this.#refresh();
    const word = (index: number) => this.#view.getUint32(at + index * 4, true);
    const [kind, id, a, b] = [word(0), word(1), word(2), word(3)];
    const data = this.#bytes.subarray(word(4), word(4) + word(5));
    const time = this.#view.getFloat64(at + 24, true);
    switch (kind) {
      case 1: return { kind: 'transmit', link: id, control: a === 1, message: data };
      case 2: return { kind: 'openLink', link: id, contact: readContact(data) };
      case 3: return { kind: 'prepareLink', link: id, initiator: a === 1,
                       listenerCertificate: b === 1 };
      case 4: return { kind: 'remoteDescription', link: id,
                       description: readLinkDescription(data)! };
      case 5: return { kind: 'closeLink', link: id };
      case 6: return { kind: 'needSignalPath' };
      case 7: return { kind: 'sendSignal', path: id, message: data };
      case 8: {
        const captured = this.#view.getFloat64(at + 32, true);
        return { kind: 'frame', frame: { frame: readFrame(id, a, captured, data), presentAt: time,
                                         show: (b & 1) !== 0, late: (b & 2) !== 0 } };
      }
      case 9: return { kind: 'keyFrameWanted' };
      case 10: return { kind: 'encoderHint', hint: { bitsPerSecond: id, soundOnly: a === 1 } };
      case 11: return { kind: 'streamKnown', stream: readStream(data) };
      case 12: return { kind: 'linkChanged', change: readLinkChange(id, a, b, time, data) };
      case 13: return { kind: 'addressObserved', endpoint: new ByteReader(data).endpoint() };
      case 14: return { kind: 'ended', reason: REASONS[a]! };
      default: throw new EngineFailure(`output ${kind} is unknown`);
    }
  }
}

function readContact(data: Uint8Array): Contact {
  const input = new ByteReader(data);
  return { peer: toHex(input.bytes(16)), endpoint: input.endpoint(),
           fingerprint: input.bytes(32) };
}

function readFrame(number: number, bits: number, captured: number, data: Bytes): EncodedFrame {
  return { number, captured, track: bits & 0xff, indexInChunk: bits >> 8 & 0xff,
           temporalId: (bits >> 16 & 3) as TemporalId, dependsOn: bits >> 20 & 0xff,
           key: (bits >> 28 & 1) === 1, data: data.slice() };
}

function readLinkChange(link: number, direction: number, state: number, rtt: number,
                        data: Uint8Array): LinkChange {
  const input = new ByteReader(data);
  const peer = toHex(input.bytes(16));
  const remote = input.endpoint();
  return { link, peer, rtt, direction: DIRECTIONS[direction]!, state: STATES[state]!,
           remote: remote.port === 0 ? '' : formatEndpoint(remote) };
}

function readStream(data: Uint8Array): StreamDescription {
  const input = new ByteReader(data);
  const [width, height, fps, channels, playout, codec] =
    [input.u16(), input.u16(), input.u8(), input.u8(), input.u16(), input.u8()];
  const form = codec < CODECS.length ? CODECS[codec]! : 'unknown';
  return {
    playout,
    video: form === 'none' ? [] : [{ track: VIDEO_TRACK, codec: form, width, height, fps }],
    audio: channels === 0 ? []
      : [{ track: AUDIO_TRACK, codec: 'opus', sampleRate: 48_000, channels }],
  };
}

const NO_PICTURE: Omit<VideoTrack, 'codec'> & { codec: 'none' } =
  { track: VIDEO_TRACK, codec: 'none', width: 0, height: 0, fps: 0 };

function writeStream(out: ByteWriter, { video, audio, playout }: StreamDescription): void {
  const { codec, width, height, fps } = video[0] ?? NO_PICTURE;
  if (codec === 'unknown') throw new RangeError('nobody can broadcast an unknown codec');
  out.u16(width).u16(height).u8(fps).u8(audio[0]?.channels ?? 0).u16(playout)
    .u8(CODECS.indexOf(codec));
}

function writeOptions(out: ByteWriter, options: EngineOptions): void {
  const { entry } = options;
  const flags = [options.listening, options.browser, options.canReachGateways,
                 options.parentOnly === true, entry !== undefined];
  out.u8(ROLES.indexOf(options.role))
    .u8(flags.reduce((bits, flag, index) => bits | (flag ? 1 << index : 0), 0))
    .bytes(options.secret)
    .bytes(options.sourceKeyHash ?? new Uint8Array(16))
    .bytes(options.listenFingerprint ?? new Uint8Array(32))
    .endpoint(entry?.endpoint ?? { ip: new Uint8Array(16), port: 0 })
    .bytes(entry?.fingerprint ?? new Uint8Array(32))
    .u16(options.places ?? DEFAULT_PLACES)
    .u16(options.playout ?? 0);
  writeStream(out, options.stream ?? { video: [], audio: [], playout: 0 });
  out.u32(options.bitsPerSecond ?? 0).bytes(options.seed);
}
