// Big-endian fields, as MP4 and WebM have them.
import { type Bytes } from '../core/bytes.js';

function field(size: number, write: (view: DataView) => void): Bytes {
  const bytes = new Uint8Array(size);
  write(new DataView(bytes.buffer));
  return bytes;
}

export const u8 = (value: number): Bytes => Uint8Array.of(value);
export const u16 = (value: number): Bytes => field(2, (view) => view.setUint16(0, value));
export const u32 = (value: number): Bytes => field(4, (view) => view.setUint32(0, value));
export const u64 = (value: number): Bytes =>
  field(8, (view) => view.setBigUint64(0, BigInt(value)));
export const f32 = (value: number): Bytes => field(4, (view) => view.setFloat32(0, value));
export const ascii = (text: string): Bytes => new TextEncoder().encode(text);
export const zeros = (size: number): Bytes => new Uint8Array(size);
