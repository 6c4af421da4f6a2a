// The real primitives, counted (tests only).
#pragma once

#include "host/platform/sodium_crypto.h"

namespace swarmcast::crypto {

class CountingCrypto final : public CryptoProvider {
 public:
  mutable int hashes = 0;
  mutable int verifications = 0;

  void hash(MutableByteSpan out, ByteSpan key, std::span<const ByteSpan> parts) const override {
    ++hashes;
    real_.hash(out, key, parts);
  }
  void seal(MutableByteSpan out, const Bytes<32>& key, const Bytes<12>& nonce, ByteSpan ad,
            ByteSpan plaintext) const override {
    real_.seal(out, key, nonce, ad, plaintext);
  }
  bool open(MutableByteSpan out, const Bytes<32>& key, const Bytes<12>& nonce, ByteSpan ad,
            ByteSpan sealed) const override {
    return real_.open(out, key, nonce, ad, sealed);
  }
  SigningKey signing_key_from_seed(const Bytes<32>& seed) const override {
    return real_.signing_key_from_seed(seed);
  }
  Signature sign(const SigningKey& key, ByteSpan message) const override {
    return real_.sign(key, message);
  }
  bool verify(const PublicKey& key, ByteSpan message, const Signature& sig) const override {
    ++verifications;
    return real_.verify(key, message, sig);
  }
  Bytes<32> exchange_public_key(const Bytes<32>& secret) const override {
    return real_.exchange_public_key(secret);
  }
  bool exchange(Bytes<32>& shared, const Bytes<32>& secret,
                const Bytes<32>& public_key) const override {
    return real_.exchange(shared, secret, public_key);
  }
  void wipe(MutableByteSpan memory) const override { real_.wipe(memory); }

 private:
  const CryptoProvider& real_ = platform::sodium_crypto();
};

}  // namespace swarmcast::crypto
