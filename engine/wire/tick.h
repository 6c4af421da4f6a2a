// TICK: "I am alive, and this was the last number I sent" (spec/link.md, "TICK").
//
//   0        1
//   | 0x54   | last sequence   |
//
// Sent by a parent when nothing else went for 40 ms; the number shows the child a lost tail.
#pragma once

#include <optional>
#include <string>

#include "engine/base/bytes.h"

namespace swarmcast::wire {

inline constexpr uint8_t kTickType = 0x54;
inline constexpr size_t kTickSize = 3;

struct Tick {
  uint16_t last_sequence = 0;  // of the link's media, low 16 bits; 65,535 before the first
  bool operator==(const Tick&) const = default;
};

std::optional<Tick> parse_tick(ByteSpan message);
// Gives the bytes written: kTickSize.
size_t write_tick(MutableByteSpan out, const Tick& tick);
std::string to_string(const Tick& tick);

}  // namespace swarmcast::wire
