// SHEDDING: a parent cannot send all layers of a stripe, or can again. On change.
//
//   | 0x10 | stripe u8 | level u8 (0..3) | here u8 (0 or 1) |
#pragma once

#include <optional>

#include "engine/base/byte_io.h"
#include "engine/base/stripes.h"

namespace swarmcast::wire::body {

struct Shedding {
  static constexpr uint8_t kType = 0x10;
  static constexpr const char* kName = "SHEDDING";
  static constexpr uint8_t kMaxLevel = 3;

  StripeId stripe;
  uint8_t level = 0;  // not sent: 0 nothing, 1 T2, 2 T2 and T1, 3 the picture
  bool here = false;  // this link is the reason; else one above the parent

  void write(ByteWriter& out) const {
    out.u8(stripe.value());
    out.u8(level);
    out.u8(here ? 1 : 0);
  }
  static std::optional<Shedding> read(ByteReader& in) {
    const StripeId stripe(in.u8());
    const uint8_t level = in.u8();
    const uint8_t here = in.u8();
    if (!in.ok() || stripe.value() >= kMaxStripes || level > kMaxLevel || here > 1)
      return std::nullopt;
    return Shedding{stripe, level, here == 1};
  }
  bool operator==(const Shedding&) const = default;
};

}  // namespace swarmcast::wire::body
