// PATH: what a child says of the two links it has to one parent.
//
//   | 0x12 | state u8 | next u16 |
//   state: 0 attach: this link is a further path of the one you feed; `next` is 0
//          1 silent: on the other path nothing came for long, and nothing from number `next` on
//          2 speaks: the other path is heard again; `next` is 0
#pragma once

#include <optional>

#include "engine/base/byte_io.h"

namespace swarmcast::wire::body {

enum class PathState : uint8_t { kAttach = 0, kSilent = 1, kSpeaks = 2 };

struct Path {
  static constexpr uint8_t kType = 0x12;
  static constexpr const char* kName = "PATH";

  PathState state = PathState::kAttach;
  uint16_t next = 0;  // low bits of a link's media number

  void write(ByteWriter& out) const {
    out.u8(static_cast<uint8_t>(state));
    out.u16(next);
  }
  static std::optional<Path> read(ByteReader& in) {
    const uint8_t state = in.u8();
    const Path b{static_cast<PathState>(state), in.u16()};
    const bool has_next = b.state == PathState::kSilent;
    const bool valid = in.ok() && state <= 2 && (has_next || b.next == 0);
    return valid ? std::optional(b) : std::nullopt;
  }
  bool operator==(const Path&) const = default;
};

}  // namespace swarmcast::wire::body
