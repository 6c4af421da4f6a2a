// CONTACTS: peers that a child may keep as a warm backup, best first; replaces the list before.
//
//   | 0x09 | contacts (list) |
#pragma once

#include <optional>

#include "engine/wire/body/contact_list.h"

namespace swarmcast::wire::body {

struct Contacts {
  static constexpr uint8_t kType = 0x09;
  static constexpr const char* kName = "CONTACTS";

  ContactList contacts;

  void write(ByteWriter& out) const { contacts.write(out); }
  static std::optional<Contacts> read(ByteReader& in) {
    const auto contacts = ContactList::read(in);
    return contacts ? std::optional(Contacts{*contacts}) : std::nullopt;
  }
  bool operator==(const Contacts&) const = default;
};

}  // namespace swarmcast::wire::body
