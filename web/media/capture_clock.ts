// When sound was captured, on the page's clock: a sound card counts samples, and tells of them
// sooner or later.

const DRIFT = 0.001;  // how much faster than the page's a sound card's clock may run

// The packet that came with least delay sets the relation of the clocks.
export class CaptureClock {
  private offset = Infinity;  // of the page's clock from the card's, ms
  private last = 0;

  // For what ended at `end` (ms of the card's clock) and came at `now`: when it ended.
  at(end: number, now: number): number {
    const allowed = this.offset + (end - this.last) * DRIFT;
    this.offset = Math.min(now - end, allowed);
    this.last = end;
    return end + this.offset;
  }
}
