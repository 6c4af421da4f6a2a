// How fast a media element is to play, so that each picture is seen at its moment.

const SEEK_S = 1;           // further behind than this: jump
const HOLD_S = 0.1;         // further ahead than this: wait
const TOLERANCE_S = 0.03;   // nearer than this: leave it alone
const LEAST_BEND = 0.03;
const MOST_BEND = 0.1;
const GAIN = 0.5;           // of the speed, per second of error

// What the element needs between a frame's arrival and its moment beyond what the engine leaves it:
// grows when the element had to wait for data, and falls again.
const FIRST_RESERVE_S = 0.05;
const MOST_RESERVE_S = 0.5;
const RESERVE_STEP_S = 0.05;
const RESERVE_DECAY_S = 0.001;  // per frame

// Rate 0: hold the picture, its moment is far ahead.
export type Correction = { seek: number } | { rate: number };

export class LiveEdge {
  private reserve = FIRST_RESERVE_S;
  private first = 0;  // media time of the first frame, s
  private wanted: number | undefined;  // media time minus page time, s
  private started = false;

  // A frame of media time `time` (s) is to be seen at `presentAt` (ms).
  onFrame(time: number, presentAt: number): void {
    if (this.wanted === undefined) this.first = time;
    this.wanted = time - presentAt / 1000;
    this.reserve = Math.max(FIRST_RESERVE_S, this.reserve - RESERVE_DECAY_S);
  }

  onStall(): void {
    this.reserve = Math.min(MOST_RESERVE_S, this.reserve + RESERVE_STEP_S);
  }

  // As of page time `now` (ms), at media time `current`; undefined: nothing has come yet.
  correction(now: number, current: number): Correction | undefined {
    if (this.wanted === undefined) return undefined;
    const target = this.wanted + now / 1000 - this.reserve;
    const behind = target - current;
    if (!this.started || behind > SEEK_S) {
      this.started = true;
      return { seek: Math.max(this.first, target) };
    }
    if (Math.abs(behind) < TOLERANCE_S) return { rate: 1 };
    if (behind < -HOLD_S) return { rate: 0 };
    const bend = Math.min(MOST_BEND, Math.max(LEAST_BEND, Math.abs(behind) * GAIN));
    return { rate: behind > 0 ? 1 + bend : 1 - bend };
  }
}
