// ACCEPT: "I am your parent for this stripe", with the purpose it answers.
//
//   | 0x04 | stripe u8 | purpose u8 | guest u8 |
#pragma once

#include <optional>

#include "engine/base/byte_io.h"
#include "engine/wire/body/subscribe.h"

namespace swarmcast::wire::body {

struct Accept {
  static constexpr uint8_t kType = 0x04;
  static constexpr const char* kName = "ACCEPT";

  StripeId stripe;
  Purpose purpose = Purpose::kJoin;
  bool guest = false;  // served beyond my capacity: look for a better parent

  void write(ByteWriter& out) const {
    out.u8(stripe.value());
    out.u8(static_cast<uint8_t>(purpose));
    out.u8(guest ? 1 : 0);
  }
  static std::optional<Accept> read(ByteReader& in) {
    const StripeId stripe(in.u8());
    const uint8_t purpose = in.u8();
    const uint8_t guest = in.u8();
    if (!in.ok() || stripe.value() >= kMaxStripes || purpose > 2 || guest > 1) return std::nullopt;
    return Accept{stripe, static_cast<Purpose>(purpose), guest == 1};
  }
  bool operator==(const Accept&) const = default;
};

}  // namespace swarmcast::wire::body
