// What a host's clock shows.
#pragma once

#include "engine/base/time.h"

namespace swarmcast::sim {

// Ahead of the world's time by an offset, and too fast or too slow by a few millionths. Engines
// only ever see such times; whatever the world compares is in its own.
struct HostClock {
  Duration offset;
  int64_t drift_ppm = 0;  // > 0: too fast

  static constexpr int64_t kMillion = 1'000'000;

  Instant local(Instant world) const {
    return world + offset + Duration::micros(world.us() * drift_ppm / kMillion);
  }
  // The first moment at which it shows `local` or later. never() stays never().
  Instant world(Instant local_time) const {
    if (local_time.is_never()) return local_time;
    Instant t = local_time - offset;
    t = t - Duration::micros(t.us() * drift_ppm / (kMillion + drift_ppm)) - Duration::micros(2);
    while (local(t) < local_time) t = t + Duration::micros(1);
    return t;
  }
};

}  // namespace swarmcast::sim
