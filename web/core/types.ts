// What crosses the rooms of web/. Times are milliseconds on the clock of performance.now(), unless
// a comment says otherwise. The engine's own structs are in engine/base and engine/api.

export type VideoCodec = 'h264' | 'vp8' | 'vp9' | 'av1';
export type TemporalId = 0 | 1 | 2;

export const VIDEO_TRACK = 0;
export const AUDIO_TRACK = 1;

// What an encoder gives and a decoder gets (engine/base/frame.h).
export interface EncodedFrame {
  track: number;
  number: number;        // in decode order, from 0; set by the engine on publishing
  indexInChunk: number;  // 0 starts a chunk: a T0 frame; every frame of sound
  temporalId: TemporalId;  // sound 0
  key: boolean;          // decodable by itself; every frame of sound
  dependsOn: number;     // so many frames back on the same track; 0: on none
  captured: number;      // stream time, microseconds; set by the engine on publishing
  data: Uint8Array;      // one access unit (H.264: Annex B), or one Opus packet
}

export interface VideoTrack {
  track: number;
  codec: VideoCodec | 'unknown';  // unknown: of a source newer than this program
  width: number;   // pixels, even
  height: number;
  fps: number;     // nominal; captures may be irregular
}

export interface AudioTrack {
  track: number;
  codec: 'opus';
  sampleRate: 48_000;  // packets of 20 ms
  channels: number;
}

export interface StreamDescription {
  video: VideoTrack[];  // none or one
  audio: AudioTrack[];  // none or one
  playout: number;      // default playout delay of viewers, ms; 0: each chooses its own
}

// A frame for the decoder, in decode order, all its references given before.
export interface FrameOut {
  frame: EncodedFrame;  // its data is the receiver's to keep
  presentAt: number;
  show: boolean;  // false: to be decoded for reference only, its moment has passed
  late: boolean;  // released after its playout deadline
}

export type EndReason =
  | 'stopped'            // the user's wish
  | 'source_ended'       // the source said so, signed
  | 'entry_unreachable'  // nobody answered at the invite's address
  | 'wrong_secret'       // the entry answered, but not for this invite
  | 'wrong_source'       // the source's key is not the invite's
  | 'version_mismatch'   // the entry speaks another version
  | 'swarm_full'         // nobody had a place within the depth limit
  | 'source_lost'        // no way back to the stream within the limit
  | 'failed';            // our own fault: the engine gave up, and its memory is wiped

export type LinkDirection = 'other' | 'parent' | 'backup' | 'child' | 'standby';
export type LinkState = 'connecting' | 'up' | 'down';

export interface LinkChange {
  link: number;
  peer: string;    // its id, hex
  remote: string;  // "192.0.2.1:7000", "[2001:db8::1]:7000"; '' if unknown
  direction: LinkDirection;
  state: LinkState;
  rtt: number;     // ms
}

export interface EncoderHint {
  bitsPerSecond: number;  // of the picture
  soundOnly: boolean;     // not even the lowest useful picture fits
}

export interface SessionEvents {
  stream(description: StreamDescription): void;  // once, and again when the source changes it
  frame(frame: FrameOut): void;
  link(change: LinkChange): void;
  keyFrameWanted(): void;         // source only
  encoderHint(hint: EncoderHint): void;  // source only
  reachable(invite: string | undefined): void;  // the invite, while others can come by it
  ended(reason: EndReason): void; // last of all; memory is wiped by then
}

// engine/api/stats.h. Counters are cumulative; times in ms, rates in bits per second.
export interface Stats {
  peers: number;
  parents: number;
  children: number;
  hop: number;           // depth below the source; 0: source, or not joined
  deepest: number;
  longestDelay: number;
  witnesses: number;     // viewers with a screen in the whole swarm, as last told
  frames: { expected: number; onTime: number; late: number; missing: number; undecodable: number };
  repair: { nakSent: number; nakAnswered: number; fecRecovered: number; spurious: number };
  bytes: { mediaIn: number; mediaAgain: number; mediaOut: number; messageIn: number;
           messageOut: number };
  drops: { malformed: number; forged: number; replayed: number; tooLate: number;
           unexpected: number; overLimit: number };
  signals: { sent: number; forwarded: number; accepted: number; malformed: number; forged: number;
             replayed: number; overLimit: number; noWay: number };
  loss: number;          // share of the parent's messages lost on the way, recent
  playout: number;
  clockError: number;
  mediaRate: number;
  targetRate: number;    // source: what the encoder is to aim at
  sendRate: number;
  competes: boolean;     // a sender beside us fills the queue, so losses lead us, not the delay
  shedding: number;      // layers that do not reach us: 1 T2, 2 T1 too, 3 sound only
}
