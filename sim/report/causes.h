// What bytes on the wire are for.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace swarmcast::sim {

enum class Cause : uint8_t {
  kPicture,   // the pictures themselves, sent for the first time on a link
  kHeaders,   // of those packets, IP header up, authentication included
  kParity,    // whole packets with parity
  kRepair,    // whole packets that repeat what was lost
  kControl,   // joining, parents, keys
  kFeedback,  // NAKs, acknowledgements, ticks, round trips
};
inline constexpr size_t kCauses = 6;
inline constexpr std::array<const char*, kCauses> kCauseNames = {
    "pictures", "headers and authentication", "parity", "repairs", "control", "ticks and feedback"};

}  // namespace swarmcast::sim
