// What a player tells whoever made it.

export type Clock = () => number;  // as performance.now()

// playing: it can be heard; blocked: the browser wants a tap first (setMuted(false) within one).
export type SoundState = 'none' | 'muted' | 'blocked' | 'playing';

// Why there is no picture, for the catalogue of sentences.
export type PlayerProblem =
  | 'no_decoder'         // neither WebCodecs nor Media Source Extensions
  | 'unknown_codec'      // of a source newer than this program
  | 'codec_unsupported'  // this browser lacks it
  | 'codec_needs_https'; // this browser has it, but not for a page that came over plain http

export interface PlayerEvents {
  needKeyFrame(): void;  // nothing can be decoded before one; once per loss
  failed?(problem: PlayerProblem): void;
  sound?(state: SoundState): void;
  // A picture of stream time `captured` (us) is on the screen, as of `at`.
  presented?(captured: number, at: number): void;
}
