// CONTACTS: peers that a child may keep as a warm backup, best first; replaces the list before.
//
//   | 0x09 | stripe u8 | contacts (list) |
#pragma once

#include <optional>

#include "engine/base/stripes.h"
#include "engine/wire/body/contact_list.h"

namespace swarmcast::wire::body {

struct Contacts {
  static constexpr uint8_t kType = 0x09;
  static constexpr const char* kName = "CONTACTS";

  StripeId stripe;
  ContactList contacts;

  void write(ByteWriter& out) const {
    out.u8(stripe.value());
    contacts.write(out);
  }
  static std::optional<Contacts> read(ByteReader& in) {
    const StripeId stripe(in.u8());
    const auto contacts = ContactList::read(in);
    if (!contacts || stripe.value() >= kMaxStripes) return std::nullopt;
    return Contacts{stripe, *contacts};
  }
  bool operator==(const Contacts&) const = default;
};

}  // namespace swarmcast::wire::body
