// All of an engine's keys and nonces, from one seed of the host.
#pragma once

#include "engine/base/bytes.h"
#include "engine/base/crypto_provider.h"
#include "engine/crypto/kdf.h"

namespace swarmcast::crypto {

// Deterministic generator: keyed BLAKE2b in counter mode with fast key erasure. Every fill()
// replaces the state by a one-way image of itself, so a state seized later yields nothing that was
// given before. Wiped on destruction.
class KeySource {
 public:
  // `seed` holds 256 bits from the operating system (a simulation's own in tests). The caller
  // wipes its copy.
  KeySource(const CryptoProvider& crypto, const Bytes<32>& seed);
  ~KeySource();
  KeySource(const KeySource&) = delete;
  KeySource& operator=(const KeySource&) = delete;

  void fill(MutableByteSpan out);

  template <size_t N>
  Bytes<N> take() {
    Bytes<N> out;
    fill(out);
    return out;
  }

 private:
  const CryptoProvider& crypto_;
  Bytes<32> state_;
};

}  // namespace swarmcast::crypto
