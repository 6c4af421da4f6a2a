// ALSO_AT: "I am reached at these addresses too", from a parent with several interfaces.
//
//   | 0x11 | count u8 | count x endpoint (18) |     1..kMaxOtherAddresses, no port 0
#pragma once

#include <array>
#include <optional>
#include <span>

#include "engine/base/limits.h"
#include "engine/wire/contact.h"

namespace swarmcast::wire::body {

struct AlsoAt {
  static constexpr uint8_t kType = 0x11;
  static constexpr const char* kName = "ALSO_AT";

  uint8_t count = 0;
  std::array<Endpoint, kMaxOtherAddresses> endpoints{};

  std::span<const Endpoint> list() const { return std::span(endpoints).first(count); }

  void write(ByteWriter& out) const {
    out.u8(count);
    for (const Endpoint& e : list()) write_endpoint(out, e);
  }
  static std::optional<AlsoAt> read(ByteReader& in) {
    AlsoAt b{.count = in.u8()};
    if (b.count == 0 || b.count > kMaxOtherAddresses) return std::nullopt;
    for (uint8_t i = 0; i < b.count; ++i) {
      b.endpoints[i] = read_endpoint(in);
      if (b.endpoints[i].port == 0) return std::nullopt;
    }
    return in.ok() ? std::optional(b) : std::nullopt;
  }
  bool operator==(const AlsoAt&) const = default;
};

}  // namespace swarmcast::wire::body
