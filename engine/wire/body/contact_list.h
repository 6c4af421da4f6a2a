// A short list of contacts inside a body: | count u8 (<= 6) | contact (66) ... |
#pragma once

#include <array>
#include <optional>

#include "engine/base/byte_io.h"
#include "engine/wire/contact.h"

namespace swarmcast::wire::body {

struct ContactList {
  static constexpr size_t kMax = 6;

  std::array<Contact, kMax> items{};
  uint8_t count = 0;

  bool full() const { return count == kMax; }
  void add(const Contact& c) {
    if (!full()) items[count++] = c;
  }
  const Contact* begin() const { return items.data(); }
  const Contact* end() const { return items.data() + count; }

  void write(ByteWriter& out) const {
    out.u8(count);
    for (const Contact& c : *this) write_contact(out, c);
  }
  static std::optional<ContactList> read(ByteReader& in) {
    const uint8_t count = in.u8();
    if (count > kMax) return std::nullopt;
    ContactList list;
    for (uint8_t i = 0; i < count; ++i) list.add(read_contact(in));
    return in.ok() ? std::optional(list) : std::nullopt;
  }
  bool operator==(const ContactList&) const = default;
};

}  // namespace swarmcast::wire::body
