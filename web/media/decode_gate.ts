// Which frames a decoder may be given. A frame whose reference it never saw closes Chromium's
// decoder, and shows rubbish elsewhere.
import type { EncodedFrame } from '../core/types.js';

const MAX_REFERENCE_DISTANCE = 255;  // frames; dependsOn is a byte on the wire

// Frames come in decode order. Without a T1 its T2 are left out, and the next T0 goes on; without a
// T0 nothing can be decoded before a key frame.
export class DecodeGate {
  private readonly decodable = new Set<number>();  // in the order of their numbers
  private lost = true;

  admits(frame: EncodedFrame): boolean {
    if (frame.key) {
      this.lost = false;
      this.decodable.clear();
    } else if (this.lost || !this.decodable.has(frame.number - frame.dependsOn)) {
      if (frame.temporalId === 0) this.lost = true;
      return false;
    }
    this.decodable.add(frame.number);
    for (const number of this.decodable) {
      if (number >= frame.number - MAX_REFERENCE_DISTANCE) break;
      this.decodable.delete(number);
    }
    return true;
  }

  get needsKeyFrame(): boolean {
    return this.lost;
  }

  lose(): void {
    this.lost = true;
  }
}
