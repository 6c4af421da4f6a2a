// TOMBSTONE: the source's signed end of the broadcast; every peer hands it on and ends.
//
//   | 0x0c | last frame u32 | signature (64) |
#pragma once

#include <optional>

#include "engine/base/byte_io.h"
#include "engine/base/crypto_provider.h"
#include "engine/base/ids.h"

namespace swarmcast::wire::body {

struct Tombstone {
  static constexpr uint8_t kType = 0x0c;
  static constexpr const char* kName = "TOMBSTONE";

  FrameNumber last_frame;  // number of the last video frame
  Signature signature{};

  void write(ByteWriter& out) const {
    out.u32(last_frame.value());
    out.bytes(signature);
  }
  static std::optional<Tombstone> read(ByteReader& in) {
    Tombstone b;
    b.last_frame = FrameNumber(in.u32());
    b.signature = in.array<64>();
    return in.ok() ? std::optional(b) : std::nullopt;
  }
  bool operator==(const Tombstone&) const = default;
};

}  // namespace swarmcast::wire::body
