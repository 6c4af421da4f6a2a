// Big-endian reading and writing, as engine/base/byte_io.h.
import type { Bytes } from './bytes.ts';
import type { Endpoint } from './endpoint.ts';

// Reads past the end yield zeroes and clear ok.
export class ByteReader {
  readonly data: Uint8Array;
  ok = true;
  #at = 0;
  constructor(data: Uint8Array) { this.data = data; }

  uint(size: number): number {
    let value = 0;
    for (const byte of this.bytes(size)) value = value * 256 + byte;
    return value;
  }
  u8(): number { return this.uint(1); }
  u16(): number { return this.uint(2); }
  u32(): number { return this.uint(4); }
  // A copy.
  bytes(size: number): Bytes {
    if (this.#at + size > this.data.length) {
      this.ok = false;
      this.#at = this.data.length;
      return new Uint8Array(size);
    }
    this.#at += size;
    return Uint8Array.from(this.data.subarray(this.#at - size, this.#at));
  }
  text(): string { return String.fromCharCode(...this.bytes(this.u8())); }
  endpoint(): Endpoint { return { ip: this.bytes(16), port: this.u16() }; }
  get finished(): boolean { return this.ok && this.#at === this.data.length; }
}

// Writing past the end throws.
export class ByteWriter {
  readonly out: Uint8Array;
  size = 0;
  constructor(out: Uint8Array) { this.out = out; }

  uint(value: number, size: number): this {
    for (let i = size - 1; i >= 0; --i) {
      if (this.size >= this.out.length) throw new RangeError('no space left');
      this.out[this.size++] = Math.floor(value / 256 ** i) % 256;
    }
    return this;
  }
  u8(value: number): this { return this.uint(value, 1); }
  u16(value: number): this { return this.uint(value, 2); }
  u32(value: number): this { return this.uint(value, 4); }
  bytes(bytes: Uint8Array): this {
    this.out.set(bytes, this.size);
    this.size += bytes.length;
    return this;
  }
  text(text: string): this {
    return this.u8(text.length).bytes(Uint8Array.from(text, (char) => char.charCodeAt(0)));
  }
  endpoint({ ip, port }: Endpoint): this { return this.bytes(ip).u16(port); }
  get written(): Uint8Array { return this.out.subarray(0, this.size); }
}
