// The stripes of a stream: every frame's fragments are dealt out over kStripes trees (Castro et
// al., SplitStream, SOSP 2003).
#pragma once

#include <bit>
#include <cstdint>

#include "engine/base/ids.h"

namespace swarmcast {

// What the protocol can name, and what is in use: one, until four place newcomers as near to the
// source as one does (docs/simulate.md).
inline constexpr size_t kMaxStripes = 4;
inline constexpr size_t kStripes = 1;
static_assert(kStripes <= kMaxStripes);

// Which tree a fragment travels in. Frames take turns in where they begin, so that those of few
// fragments burden all stripes alike.
constexpr StripeId stripe_of(FragmentId fragment) {
  return StripeId(
      static_cast<uint8_t>((fragment.index + fragment.frame.number.value()) % kStripes));
}

class StripeSet {
 public:
  constexpr StripeSet() = default;

  constexpr bool test(StripeId s) const { return bits_ >> s.value() & 1; }
  constexpr void set(StripeId s, bool on = true) {
    const auto bit = static_cast<uint8_t>(1u << s.value());
    bits_ = static_cast<uint8_t>(on ? bits_ | bit : bits_ & ~bit);
  }
  constexpr void reset() { bits_ = 0; }
  constexpr bool any() const { return bits_ != 0; }
  constexpr bool all() const { return count() == kStripes; }
  constexpr size_t count() const { return static_cast<size_t>(std::popcount(bits_)); }
  constexpr bool operator==(const StripeSet&) const = default;

 private:
  uint8_t bits_ = 0;
};
static_assert(kMaxStripes <= 8, "bits of a StripeSet");

}  // namespace swarmcast
