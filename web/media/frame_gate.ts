// Reduces a frame rate by leaving pictures out. As host/media/frame_gate.h.

// Lets pictures through so that they keep to `fps` on average; times may jitter by a third of a
// period without loss where the rates are equal.
export class FrameGate {
  private readonly period: number;  // ms
  private readonly early: number;
  private next = -Infinity;

  constructor(fps: number) {
    this.period = 1000 / fps;
    this.early = this.period / 3;
  }

  // `time` must not go back.
  admits(time: number): boolean {
    if (time < this.next - this.early) return false;
    this.next = Math.max(this.next + this.period, time + this.period - this.early);
    return true;
  }
}
