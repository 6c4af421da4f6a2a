// UNSUBSCRIBE: "send me nothing more of this stripe, but keep the link".
//
//   | 0x05 | stripe u8 |
#pragma once

#include <optional>

#include "engine/base/byte_io.h"
#include "engine/base/stripes.h"

namespace swarmcast::wire::body {

struct Unsubscribe {
  static constexpr uint8_t kType = 0x05;
  static constexpr const char* kName = "UNSUBSCRIBE";

  StripeId stripe;

  void write(ByteWriter& out) const { out.u8(stripe.value()); }
  static std::optional<Unsubscribe> read(ByteReader& in) {
    const StripeId stripe(in.u8());
    if (!in.ok() || stripe.value() >= kMaxStripes) return std::nullopt;
    return Unsubscribe{stripe};
  }
  bool operator==(const Unsubscribe&) const = default;
};

}  // namespace swarmcast::wire::body
