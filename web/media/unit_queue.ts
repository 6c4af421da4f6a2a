// Frames that wait for a decoder, bounded in number and size.
import type { FrameOut } from '../core/types.js';
import { MAX_UNITS, MAX_UNIT_BYTES } from './media_limits.js';

export class UnitQueue {
  private units: FrameOut[] = [];
  private bytes = 0;

  // False: too much waited, all of it is gone, and so is what later frames refer to.
  push(unit: FrameOut): boolean {
    const { length } = unit.frame.data;
    const fits = this.units.length < MAX_UNITS && this.bytes + length <= MAX_UNIT_BYTES;
    if (!fits) this.clear();
    this.units.push(unit);
    this.bytes += length;
    return fits;
  }

  peek(): FrameOut | undefined {
    return this.units[0];
  }

  shift(): FrameOut | undefined {
    const unit = this.units.shift();
    if (unit) this.bytes -= unit.frame.data.length;
    return unit;
  }

  clear(): void {
    this.units = [];
    this.bytes = 0;
  }
}
