// The clock of the media threads.
#pragma once

#include <chrono>
#include <cstdint>

namespace swarmcast::media {

// CLOCK_MONOTONIC in microseconds (libstdc++'s steady_clock reads it).
inline int64_t monotonic_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

inline std::chrono::steady_clock::time_point monotonic_point(int64_t us) {
  return std::chrono::steady_clock::time_point(std::chrono::microseconds(us));
}

}  // namespace swarmcast::media
