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
    if (bytes.size() >= kLong) i = add_blocks(bytes);
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
  static constexpr size_t kLanes = 8;
  static constexpr size_t kBlock = kLanes * sizeof(uint64_t);
  static constexpr size_t kLong = 4 * kBlock;

  // A product takes a few cycles, and eight that do not wait for each other no longer. Gives the
  // bytes that were added.
  size_t add_blocks(ByteSpan bytes) {
    uint64_t lanes[kLanes];
    for (size_t lane = 0; lane < kLanes; ++lane) lanes[lane] = state_ + lane;
    size_t i = 0;
    for (; i + kBlock <= bytes.size(); i += kBlock)
      for (size_t lane = 0; lane < kLanes; ++lane)
        lanes[lane] = mix(lanes[lane], word(bytes, i + lane * sizeof(uint64_t)));
    for (const uint64_t lane : lanes) state_ = mix(state_, lane);
    return i;
  }
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
