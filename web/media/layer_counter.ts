// What refers to what in a stream of temporal layers: T0 to the T0 before it, T1 to the T0 of its
// chunk, T2 to the nearest of these two. As LayerCounter in host/media/video_encoder.h.
import type { TemporalId } from '../core/types.js';

export interface Layer {
  indexInChunk: number;
  temporalId: TemporalId;
  dependsOn: number;
}

export class LayerCounter {
  private number = 0;
  private lastT0 = 0;
  private lastT1 = -1;  // in this chunk; -1: none

  // Of the next frame an encoder gave.
  next(key: boolean, layer: number): Layer {
    const temporalId = (key ? 0 : Math.min(layer, 2)) as TemporalId;
    const reference = temporalId === 2 ? Math.max(this.lastT0, this.lastT1) : this.lastT0;
    const dependsOn = key ? 0 : this.number - reference;
    if (temporalId === 0) {
      this.lastT0 = this.number;
      this.lastT1 = -1;
    } else if (temporalId === 1) {
      this.lastT1 = this.number;
    }
    return { indexInChunk: this.number++ - this.lastT0, temporalId, dependsOn };
  }
}
