// The part of npm's raw libsodium that crypto.ts calls. Pointers are offsets into HEAPU8; lengths
// of 64 bits are passed as two words, the lower first.
declare module 'libsodium' {
  export interface Libsodium {
    readonly HEAPU8: Uint8Array<ArrayBuffer>;
    _malloc(size: number): number;
    _sodium_init(): number;
    _crypto_generichash(out: number, outSize: number, message: number, sizeLow: number,
                        sizeHigh: number, key: number, keySize: number): number;
    _crypto_aead_chacha20poly1305_ietf_encrypt(
      out: number, outSize: number, message: number, sizeLow: number, sizeHigh: number,
      associated: number, associatedLow: number, associatedHigh: number, secret: number,
      nonce: number, key: number): number;
    _crypto_aead_chacha20poly1305_ietf_decrypt(
      out: number, outSize: number, secret: number, sealed: number, sizeLow: number,
      sizeHigh: number, associated: number, associatedLow: number, associatedHigh: number,
      nonce: number, key: number): number;
    _crypto_sign_seed_keypair(publicKey: number, key: number, seed: number): number;
    _crypto_sign_detached(signature: number, signatureSize: number, message: number,
                          sizeLow: number, sizeHigh: number, key: number): number;
    _crypto_sign_verify_detached(signature: number, message: number, sizeLow: number,
                                 sizeHigh: number, key: number): number;
    _crypto_scalarmult_base(out: number, secret: number): number;
    _crypto_scalarmult(out: number, secret: number, publicKey: number): number;
  }
  // A fresh instance with memory of its own.
  const create: () => Promise<Libsodium>;
  export default create;
}
