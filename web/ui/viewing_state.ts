// What a viewer is told about the picture: is it live, is it lost, how late is it. Times are
// milliseconds on one clock.
import type { FrameOut } from '../core/types.ts';
import type { StreamState } from './snapshot.ts';

// So long without a new picture, and a person should know that what they see is old.
export const LOST_AFTER_MS = 2_000;
// Of the mean over the lateness of pictures.
const WEIGHT = 0.1;

export class ViewingState {
  private lastShown: number | null = null;
  private everShown = false;
  private dueMinusCaptured: number | null = null;  // moment to present less stream time
  private lateness = 0;                            // of pictures on the screen, mean

  // A frame came, with the moment it is to be shown.
  frame({ frame, presentAt }: FrameOut): void {
    this.dueMinusCaptured = presentAt - frame.captured / 1_000;
  }

  // A picture of stream time `captured` (us) was on the screen at `at`, or, of a stream without
  // pictures, a sound was due.
  shown(captured: number, at: number): void {
    this.lastShown = at;
    this.everShown = true;
    if (this.dueMinusCaptured === null) return;
    const late = at - (captured / 1_000 + this.dueMinusCaptured);
    this.lateness += (Math.max(0, late) - this.lateness) * WEIGHT;
  }

  state(now: number): StreamState {
    if (!this.everShown || this.lastShown === null) return 'connecting';
    return now - this.lastShown > LOST_AFTER_MS ? 'lost' : 'live';
  }

  // From the source's camera to this screen, given the delay that the engine plays out with.
  delay(playout: number): number | null {
    return this.everShown && playout > 0 ? playout + this.lateness : null;
  }
}
