// Segments on their way into a SourceBuffer, which takes one call at a time.
import { concat, type Bytes } from '../core/bytes.js';
import { MAX_UNITS, MAX_UNIT_BYTES } from './media_limits.js';

export class SourceFeed {
  private buffer: SourceBuffer | undefined;
  private readonly onFull: () => void;
  private segments: Bytes[] = [];
  private bytes = 0;
  private trimTo = 0;  // seconds
  private trimmed = 0;

  // `onFull`: it takes no more, because of too much waiting, the browser's quota, or an error.
  constructor(onFull: () => void) {
    this.onFull = onFull;
  }

  attach(buffer: SourceBuffer): void {
    this.buffer = buffer;
    buffer.onupdateend = () => this.advance();
    this.advance();
  }

  append(segment: Bytes): void {
    this.segments.push(segment);
    this.bytes += segment.length;
    if (this.segments.length > MAX_UNITS || this.bytes > MAX_UNIT_BYTES) return this.onFull();
    this.advance();
  }

  // Forgets what lies before `time`, which must be just before a key frame: a removal that ends
  // inside a group of pictures takes all of it.
  trim(time: number): void {
    this.trimTo = Math.max(this.trimTo, time);
  }

  close(): void {
    if (this.buffer) this.buffer.onupdateend = null;
    this.buffer = undefined;
    this.segments = [];
    this.bytes = 0;
  }

  private advance(): void {
    if (!this.buffer || this.buffer.updating) return;
    try {
      if (this.trimTo > this.trimmed) {
        this.trimmed = this.trimTo;
        this.buffer.remove(0, this.trimTo);
      } else if (this.segments.length > 0) {
        const all = concat(...this.segments);
        this.segments = [];
        this.bytes = 0;
        this.buffer.appendBuffer(all);
      }
    } catch {
      this.onFull();
    }
  }
}
