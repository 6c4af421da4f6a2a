// A line of a certain rate with a queue in front. No I/O, no clock.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>

#include "engine/base/time.h"
#include "engine/base/units.h"

namespace swarmcast::sim {

// A rate with a bounded queue in front (drop-tail). Keeps no packets, only when the line is free.
class Bottleneck {
 public:
  DataRate rate;                           // zero: unlimited
  Duration queue = Duration::millis(100);  // longest wait a packet may meet

  // When the last bit of this packet has left; nullopt if the queue is full. A change of rate
  // applies to packets that come after it.
  std::optional<Instant> admit(Instant now, size_t bytes) {
    if (rate.bps() == 0) return now;
    const Instant start = std::max(now, free_at_);
    if (start - now > queue) return std::nullopt;
    free_at_ = start + rate.time_to_send(static_cast<int64_t>(bytes));
    return free_at_;
  }
  // How long a packet that comes now would wait.
  Duration waiting(Instant now) const { return std::max(free_at_ - now, Duration()); }

 private:
  Instant free_at_;
};

}  // namespace swarmcast::sim
