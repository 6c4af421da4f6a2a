// KEY_REQUEST: "my decoder needs a key frame"; carried up to the source, at most one in 500 ms a
// hop.
//
//   | 0x0a | track u8 |
#pragma once

#include <optional>

#include "engine/base/byte_io.h"
#include "engine/base/ids.h"
#include "engine/base/limits.h"

namespace swarmcast::wire::body {

struct KeyRequest {
  static constexpr uint8_t kType = 0x0a;
  static constexpr const char* kName = "KEY_REQUEST";

  TrackId track;

  void write(ByteWriter& out) const { out.u8(track.value()); }
  static std::optional<KeyRequest> read(ByteReader& in) {
    const TrackId track(in.u8());
    return in.ok() && track.value() < kMaxTracks ? std::optional(KeyRequest{track}) : std::nullopt;
  }
  bool operator==(const KeyRequest&) const = default;
};

}  // namespace swarmcast::wire::body
