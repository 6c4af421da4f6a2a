// A short list of contacts inside a body: | count u8 (<= 6) | contact ... |, kMaxBytes in all
#pragma once

#include <array>
#include <optional>

#include "engine/base/byte_io.h"
#include "engine/wire/contact.h"

namespace swarmcast::wire::body {

struct ContactList {
  static constexpr size_t kMax = 6;
  static constexpr size_t kMaxBytes = 1'096;  // what a body has left behind its own fields

  std::array<Contact, kMax> items{};
  uint8_t count = 0;

  bool full() const { return count == kMax; }
  size_t size() const {
    size_t bytes = 0;
    for (const Contact& c : *this) bytes += contact_size(c);
    return bytes;
  }
  // Left out if there is no room.
  void add(const Contact& c) {
    if (!full() && size() + contact_size(c) <= kMaxBytes) items[count++] = c;
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
    for (uint8_t i = 0; i < count; ++i) {
      const auto contact = read_contact(in);
      if (!contact) return std::nullopt;
      list.add(*contact);
    }
    return in.ok() && list.count == count ? std::optional(list) : std::nullopt;
  }
  bool operator==(const ContactList&) const = default;
};

}  // namespace swarmcast::wire::body
