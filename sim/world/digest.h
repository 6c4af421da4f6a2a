// A fast hash of bytes, for simulations only: it withstands accidents, not attackers.
#pragma once

#include <cstdint>
#include <cstring>

#include "engine/base/bytes.h"

namespace swarmcast::sim {

inline constexpr uint64_t kDigestFactor = 0x9fb21c651e98df25;

constexpr uint64_t mix(uint64_t a, uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a ^ kDigestFactor) * (b ^ 0xa0761d6478bd642f);
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

// Of bytes that come in parts: add(a) and add(b) is not the same as add(ab). The same on every
// little-endian machine.
class Digest {
 public:
  explicit Digest(uint64_t seed) : state_(seed) {}

  void add(ByteSpan bytes) {
    uint64_t other = bytes.size();
    size_t i = 0;
    for (; i + 16 <= bytes.size(); i += 16) {  // two chains, as a product takes a few cycles
      state_ = mix(state_, word(bytes, i));
      other = mix(other, word(bytes, i + 8));
    }
    uint64_t rest[2] = {};
    if (i < bytes.size()) std::memcpy(rest, bytes.data() + i, bytes.size() - i);
    state_ = mix(mix(state_, rest[0]), mix(other, rest[1]));
  }
  uint64_t value() const { return mix(state_, 1); }

 private:
  static uint64_t word(ByteSpan bytes, size_t at) {
    uint64_t w;
    std::memcpy(&w, bytes.data() + at, sizeof w);
    return w;
  }
  uint64_t state_;
};

inline uint64_t digest(ByteSpan bytes) {
  Digest d(0);
  d.add(bytes);
  return d.value();
}

}  // namespace swarmcast::sim
