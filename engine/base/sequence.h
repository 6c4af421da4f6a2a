// 16-bit sequence numbers of the wire, unwrapped once, at the edge.
#pragma once

#include <cstdint>

namespace swarmcast {

// The 64-bit number with these low 16 bits that lies nearest to `reference` (RFC 1982 in spirit):
// right as long as the true number is within 32,767 of the reference. Never below zero: near the
// start of a stream a number that would be negative is taken as lying ahead.
constexpr uint64_t unwrap_sequence(uint16_t low, uint64_t reference) {
  const auto ahead = static_cast<int16_t>(static_cast<uint16_t>(low - reference));
  if (ahead < 0 && reference < static_cast<uint64_t>(-int64_t{ahead}))
    return reference + static_cast<uint16_t>(low - reference);
  return reference + static_cast<uint64_t>(int64_t{ahead});
}

}  // namespace swarmcast
