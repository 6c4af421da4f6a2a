// How the frames of a viewer's video fared.
#pragma once

#include <cstdint>

namespace swarmcast {

// Every video frame due since the first one shown is exactly one of on_time, late, missing or
// undecodable. All are cumulative.
struct FrameCounts {
  uint64_t expected = 0;
  uint64_t on_time = 0;
  uint64_t late = 0;         // complete, but after its playout deadline
  uint64_t missing = 0;      // never complete
  uint64_t undecodable = 0;  // complete, but a frame it refers to was not
  bool operator==(const FrameCounts&) const = default;
};

}  // namespace swarmcast
