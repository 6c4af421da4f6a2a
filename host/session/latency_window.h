// Capture-to-presentation latencies of the last seconds.
#pragma once

#include <deque>

#include "engine/base/time.h"
#include "host/session/session.h"

namespace swarmcast::session {

class LatencyWindow {
 public:
  void add(Instant presented, Duration latency);
  // Over what was presented in the last 10 s; zeroes if nothing was.
  LatencySummary summary(Instant now);

 private:
  struct Sample {
    Instant at;
    Duration latency;
  };
  std::deque<Sample> samples_;
};

}  // namespace swarmcast::session
