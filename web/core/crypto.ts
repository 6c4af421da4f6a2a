// libsodium for the engine: what wasm/host_crypto.cc imports, and BLAKE2b for our own use. One
// instance with scratch buffers of its own a session, so that all of its memory can be wiped.
import create, { type Libsodium } from 'libsodium';
import { concat, type Bytes } from './bytes.ts';

const MAX_MESSAGE = 1 << 18;  // above the longest sealed frame (engine/base/limits.h)
const MAX_ASSOCIATED = 1 << 12;
const TAG_SIZE = 16;

// The engine's memory, which moves when it grows.
export type Memory = () => Uint8Array<ArrayBuffer>;

export class Crypto {
  readonly #sodium: Libsodium;
  readonly #message: number;
  readonly #out: number;
  readonly #associated: number;
  readonly #key: number;
  readonly #small: number;  // nonces, seeds, signatures, points

  private constructor(sodium: Libsodium) {
    this.#sodium = sodium;
    this.#message = sodium._malloc(MAX_MESSAGE);
    this.#out = sodium._malloc(MAX_MESSAGE + TAG_SIZE);
    this.#associated = sodium._malloc(MAX_ASSOCIATED);
    this.#key = sodium._malloc(64);
    this.#small = sodium._malloc(64);
  }

  static async create(): Promise<Crypto> {
    const sodium = await create();
    if (sodium._sodium_init() < 0) throw new Error('libsodium does not start');
    return new Crypto(sodium);
  }

  // BLAKE2b of 8 to 64 bytes, over the concatenation of `parts`.
  hash(size: number, key: Uint8Array, ...parts: Uint8Array[]): Bytes {
    const message = concat(...parts);
    this.#put(this.#message, MAX_MESSAGE, message);
    this.#put(this.#key, 64, key);
    this.#sodium._crypto_generichash(this.#out, size, this.#message, message.length, 0, this.#key,
                                     key.length);
    return this.#sodium.HEAPU8.slice(this.#out, this.#out + size);
  }

  // Zeroes all that this instance has seen. It is of no use any more.
  wipe(): void {
    this.#sodium.HEAPU8.fill(0);
  }

  // The engine's imports; every number is an offset into `memory`, or a size.
  imports(memory: Memory): Record<string, (...numbers: number[]) => number | void> {
    const sodium = this.#sodium;
    const at = { message: this.#message, out: this.#out, associated: this.#associated,
                 key: this.#key, small: this.#small };
    const put = (to: number, limit: number, from: number, size: number) =>
      this.#put(to, limit, memory().subarray(from, from + size));
    const get = (to: number, from: number, size: number) =>
      memory().set(sodium.HEAPU8.subarray(from, from + size), to);
    return {
      hash: (out, outSize, key, keySize, parts, count) => {
        const size = this.#gather(memory(), parts!, count!);
        put(at.key, 64, key!, keySize!);
        sodium._crypto_generichash(at.out, outSize!, at.message, size, 0, at.key, keySize!);
        get(out!, at.out, outSize!);
      },
      seal: (out, key, nonce, associated, associatedSize, plaintext, size) => {
        put(at.key, 32, key!, 32);
        put(at.small, 12, nonce!, 12);
        put(at.associated, MAX_ASSOCIATED, associated!, associatedSize!);
        put(at.message, MAX_MESSAGE, plaintext!, size!);
        sodium._crypto_aead_chacha20poly1305_ietf_encrypt(
          at.out, 0, at.message, size!, 0, at.associated, associatedSize!, 0, 0, at.small, at.key);
        get(out!, at.out, size! + TAG_SIZE);
      },
      open: (out, key, nonce, associated, associatedSize, sealed, size) => {
        put(at.key, 32, key!, 32);
        put(at.small, 12, nonce!, 12);
        put(at.associated, MAX_ASSOCIATED, associated!, associatedSize!);
        put(at.message, MAX_MESSAGE, sealed!, size!);
        const failed = sodium._crypto_aead_chacha20poly1305_ietf_decrypt(
          at.out, 0, 0, at.message, size!, 0, at.associated, associatedSize!, 0, at.small, at.key);
        if (failed) memory().fill(0, out!, out! + size! - TAG_SIZE);
        else get(out!, at.out, size! - TAG_SIZE);
        return failed ? 0 : 1;
      },
      signing_key: (key, seed) => {
        put(at.small, 32, seed!, 32);
        sodium._crypto_sign_seed_keypair(at.out, at.key, at.small);
        get(key!, at.key, 64);
      },
      sign: (signature, key, message, size) => {
        put(at.key, 64, key!, 64);
        put(at.message, MAX_MESSAGE, message!, size!);
        sodium._crypto_sign_detached(at.small, 0, at.message, size!, 0, at.key);
        get(signature!, at.small, 64);
      },
      verify: (key, message, size, signature) => {
        put(at.key, 32, key!, 32);
        put(at.message, MAX_MESSAGE, message!, size!);
        put(at.small, 64, signature!, 64);
        const failed =
          sodium._crypto_sign_verify_detached(at.small, at.message, size!, 0, at.key);
        return failed ? 0 : 1;
      },
      exchange_public_key: (out, secret) => {
        put(at.key, 32, secret!, 32);
        sodium._crypto_scalarmult_base(at.out, at.key);
        get(out!, at.out, 32);
      },
      exchange: (shared, secret, publicKey) => {
        put(at.key, 32, secret!, 32);
        put(at.small, 32, publicKey!, 32);
        const failed = sodium._crypto_scalarmult(at.out, at.key, at.small);
        if (failed) memory().fill(0, shared!, shared! + 32);
        else get(shared!, at.out, 32);
        return failed ? 0 : 1;
      },
    };
  }

  #put(to: number, limit: number, bytes: Uint8Array): void {
    if (bytes.length > limit) throw new RangeError('longer than any message');
    this.#sodium.HEAPU8.set(bytes, to);
  }

  // Lays the parts of a hash, `count` pairs of offset and size, side by side. Gives their size.
  #gather(memory: Uint8Array<ArrayBuffer>, parts: number, count: number): number {
    const words = new DataView(memory.buffer, parts, count * 8);
    let size = 0;
    for (let part = 0; part < count; ++part) {
      const from = words.getUint32(part * 8, true);
      const length = words.getUint32(part * 8 + 4, true);
      this.#put(this.#message + size, MAX_MESSAGE - size, memory.subarray(from, from + length));
      size += length;
    }
    return size;
  }
}
