// The 14 bytes of a StreamDescription inside WELCOME (spec/control.md).
//
//   | revision u16 | width u16 | height u16 | fps u8 | audio channels u8 | playout u32 us | term u8
//   | codec u8 |
#pragma once

#include <optional>

#include "engine/base/stream_description.h"
#include "engine/wire/body/welcome.h"

namespace swarmcast::wire {

struct SignedStream {
  uint16_t revision = 0;  // grows when the source changes the description
  uint8_t term = 0;       // of the root that signs
  StreamDescription description;

  Bytes<body::Welcome::kStreamSize> encode() const;
  // nullopt if a value is out of range: sizes 16..7680 and even, fps 1..120 (all three 0 without a
  // picture), channels 0..2, playout 0 or within [kMinPlayout, kMaxPlayout]. Any codec passes: who
  // does not know it may still relay.
  static std::optional<SignedStream> parse(const Bytes<body::Welcome::kStreamSize>& bytes);
  bool operator==(const SignedStream&) const = default;
};

}  // namespace swarmcast::wire
