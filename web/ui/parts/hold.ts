// Press and hold: a control that nobody sets off by mistake, and that is found without looking.

export const HOLD_MS = 1_000;
// A screen reader and a switch press, they cannot hold: for them two presses do it.
export const SECOND_PRESS_MS = 5_000;

export interface HoldView {
  progress(holding: boolean): void;   // the bar fills while it is held
  armed(waiting: boolean): void;      // one press was made, another one does it
}

export interface Timers {
  set(call: () => void, ms: number): number;
  clear(timer: number): void;
}

// What a hold consists of, apart from the page: events in, `done` once.
export class Hold {
  private readonly view: HoldView;
  private readonly done: () => void;
  private readonly timers: Timers;
  private holding: number | null = null;
  private waiting: number | null = null;

  constructor(view: HoldView, done: () => void, timers: Timers) {
    this.view = view;
    this.done = done;
    this.timers = timers;
  }

  press(): void {
    if (this.holding !== null) return;  // a key that repeats
    this.view.progress(true);
    this.holding = this.timers.set(() => {
      this.reset();
      this.done();
    }, HOLD_MS);
  }

  release(): void {
    if (this.holding === null) return;
    this.timers.clear(this.holding);
    this.holding = null;
    this.view.progress(false);
  }

  // A press without a pointer or a key.
  activate(): void {
    if (this.waiting !== null) {
      this.reset();
      this.done();
      return;
    }
    this.view.armed(true);
    this.waiting = this.timers.set(() => this.reset(), SECOND_PRESS_MS);
  }

  reset(): void {
    if (this.holding !== null) {
      this.timers.clear(this.holding);
      this.view.progress(false);
    }
    if (this.waiting !== null) {
      this.timers.clear(this.waiting);
      this.view.armed(false);
    }
    this.holding = this.waiting = null;
  }
}
