// A small deterministic generator for schedules and tests (xoshiro256**). Not for keys: those come
// from crypto/key_source.h.
#pragma once

#include <bit>
#include <cstdint>

namespace swarmcast {

class Prng {
 public:
  explicit constexpr Prng(uint64_t seed) {
    for (auto& word : s_) {  // splitmix64
      seed += 0x9e3779b97f4a7c15;
      uint64_t z = seed;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
      z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
      word = z ^ (z >> 31);
    }
  }
  constexpr uint64_t next() {
    const uint64_t result = std::rotl(s_[1] * 5, 7) * 9;
    const uint64_t t = s_[1] << 17;
    s_[2] ^= s_[0];
    s_[3] ^= s_[1];
    s_[1] ^= s_[2];
    s_[0] ^= s_[3];
    s_[2] ^= t;
    s_[3] = std::rotl(s_[3], 45);
    return result;
  }
  // Uniform in [0, bound); bound > 0.
  constexpr uint64_t below(uint64_t bound) { return next() % bound; }
  // Uniform in [0, 1).
  constexpr double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  constexpr bool chance(double p) { return uniform() < p; }

 private:
  uint64_t s_[4]{};
};

}  // namespace swarmcast
