// Arithmetic in GF(2^8) with the polynomial x^8 + x^4 + x^3 + x^2 + 1 (0x11d), generator 2: the
// field of spec/repair.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace swarmcast::repair::gf256 {

inline constexpr unsigned kPolynomial = 0x11d;
inline constexpr unsigned kOrder = 255;  // of the multiplicative group

struct Tables {
  std::array<uint8_t, 2 * kOrder> exp{};  // twice round, so that a sum of two logs needs no modulo
  std::array<uint8_t, 256> log{};         // log[0] is meaningless
};

consteval Tables make_tables() {
  Tables t;
  unsigned v = 1;
  for (unsigned i = 0; i < kOrder; ++i) {
    t.exp[i] = t.exp[i + kOrder] = static_cast<uint8_t>(v);
    t.log[v] = static_cast<uint8_t>(i);
    v <<= 1;
    if (v & 0x100) v ^= kPolynomial;
  }
  return t;
}

inline constexpr Tables kTables = make_tables();

constexpr uint8_t mul(uint8_t a, uint8_t b) {
  if (a == 0 || b == 0) return 0;
  return kTables.exp[kTables.log[a] + kTables.log[b]];
}

// `a` must not be 0.
constexpr uint8_t inverse(uint8_t a) { return kTables.exp[kOrder - kTables.log[a]]; }

}  // namespace swarmcast::repair::gf256
