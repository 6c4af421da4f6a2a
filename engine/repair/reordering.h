// How far a link reorders: how long to wait before a gap counts as a loss.
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/base/time.h"

namespace swarmcast::repair {

// Remembers the largest lateness seen, in time and in messages, and forgets it over kMemory. A
// link that never reordered is not waited for (compare RFC 8985, section 6.2, which waits a
// fraction of the round trip).
class Reordering {
 public:
  static constexpr Duration kMaxWait = Duration::millis(40);
  static constexpr Duration kMemory = Duration::seconds(10);

  // A message came `lateness` after the gap it fills had shown, `distance` numbers behind the
  // highest.
  void on_late(Instant now, Duration lateness, uint64_t distance) {
    lateness_us_.raise(now, static_cast<double>(std::min(lateness, kMaxWait).us()));
    distance_.raise(now, static_cast<double>(distance));
  }

  // How long a gap may still close by itself: zero on a link that keeps order, else a little more
  // than the largest lateness, up to kMaxWait.
  Duration wait(Instant now) const {
    const double us = lateness_us_.at(now);
    if (us <= 0) return Duration();
    return std::min(kMaxWait, Duration::micros(static_cast<int64_t>(us * 1.125)) + kSlack);
  }
  // A gap further behind the highest number than this is a loss, however young.
  uint64_t distance(Instant now) const {
    return static_cast<uint64_t>(distance_.at(now) * 1.5) + 1;
  }

 private:
  static constexpr Duration kSlack = Duration::millis(1);

  // A maximum that fades linearly to zero over kMemory.
  struct Peak {
    double value = 0;
    Instant seen;

    double at(Instant now) const {
      return value * std::max(0.0, 1.0 - (now - seen).seconds_f() / kMemory.seconds_f());
    }
    void raise(Instant now, double sample) {
      if (sample < at(now)) return;
      value = sample;
      seen = now;
    }
  };

  Peak lateness_us_;
  Peak distance_;
};

}  // namespace swarmcast::repair
