// REFER: "not me; try these".
//
//   | 0x06 | stripe u8 | reason u8 | contacts (list) |
#pragma once

#include <optional>

#include "engine/base/stripes.h"
#include "engine/wire/body/contact_list.h"

namespace swarmcast::wire::body {

enum class ReferReason : uint8_t {
  kFull = 0,     // no free place
  kTooDeep = 1,  // a child of mine would be deeper than kMaxDepth
  kLoop = 2,     // you are above me
  kOrphan = 3,   // I have no parent myself
};

struct Refer {
  static constexpr uint8_t kType = 0x06;
  static constexpr const char* kName = "REFER";

  StripeId stripe;
  ReferReason reason = ReferReason::kFull;
  ContactList contacts;

  void write(ByteWriter& out) const {
    out.u8(stripe.value());
    out.u8(static_cast<uint8_t>(reason));
    contacts.write(out);
  }
  static std::optional<Refer> read(ByteReader& in) {
    const StripeId stripe(in.u8());
    const uint8_t reason = in.u8();
    const auto contacts = ContactList::read(in);
    if (!contacts || stripe.value() >= kMaxStripes || reason > 3) return std::nullopt;
    return Refer{stripe, static_cast<ReferReason>(reason), *contacts};
  }
  bool operator==(const Refer&) const = default;
};

}  // namespace swarmcast::wire::body
