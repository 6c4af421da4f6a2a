// When, on the clock of an AudioContext, each packet of sound begins, and how fast it is played.

const MAX_BEND = 0.03;     // of the speed; more is heard
const TOLERANCE_S = 0.01;  // from its moment: not worth a bend
const GAIN = 0.5;          // of the speed, per second of error
const JUMP_S = 0.08;       // too far to bend: a gap, or a step ahead

export interface Slot {
  start: number;  // seconds
  rate: number;
}

// Packets follow each other without a seam; their common error is bent away within MAX_BEND.
export class SoundClock {
  private next: number | undefined;

  // For a packet of `length` s wanted at `wanted`, as of `now`; undefined: too late, leave it out.
  place(wanted: number, length: number, now: number): Slot | undefined {
    let error = this.next === undefined ? Infinity : this.next - wanted;
    if (Math.abs(error) > JUMP_S || (this.next ?? 0) < now) {
      if (wanted + length < now) return undefined;
      this.next = Math.max(wanted, now);
      error = 0;
    }
    const bend = Math.abs(error) > TOLERANCE_S ? error * GAIN : 0;
    const rate = 1 + Math.min(MAX_BEND, Math.max(-MAX_BEND, bend));
    const start = this.next!;
    this.next = start + length / rate;
    return { start, rate };
  }

  reset(): void {
    this.next = undefined;
  }
}
