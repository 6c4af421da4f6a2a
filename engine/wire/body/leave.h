// LEAVE: "I go on purpose". Unlike silence, it is believed at once.
//
//   | 0x0b |
#pragma once

#include <optional>

#include "engine/base/byte_io.h"

namespace swarmcast::wire::body {

struct Leave {
  static constexpr uint8_t kType = 0x0b;
  static constexpr const char* kName = "LEAVE";

  void write(ByteWriter&) const {}
  static std::optional<Leave> read(ByteReader&) { return Leave{}; }
  bool operator==(const Leave&) const = default;
};

}  // namespace swarmcast::wire::body
