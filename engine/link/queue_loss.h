// Tells the losses of a full queue from those of a lossy path.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/time.h"
#include "engine/base/windowed.h"

namespace swarmcast::link {

inline constexpr Duration kLeastQueue = Duration::millis(6);  // below, delays are noise

// A drop-tail queue loses when it is full and only then; a radio loses at any time. So losses are
// counted apart: those reported with a delay near the highest of the last 10 s, and the others.
// Only where the first are clearly more frequent they are the queue's. As long as
// there is little to compare with, they must be many.
class QueueLoss {
 public:
  // One report: `expected` messages, `lost` of them (negative: some of before were only late), the
  // last seen with `queue_delay`. True if the report before it tells of a full queue.
  bool on_report(Duration queue_delay, uint64_t expected, int64_t lost, Instant now);
  // Of the last 10 s.
  Duration highest() const { return highest_.best().value_or(Duration()); }

 private:
  struct Tally {
    double expected = 0;
    double lost = 0;
  };
  struct Report {
    Duration queue_delay;
    uint64_t expected = 0;
    int64_t lost = 0;
    bool full = false;
  };
  void forget(Instant now);

  Tally full_, other_;  // of about the last kMemory
  Report previous_;
  std::optional<Instant> began_;
  Instant last_;
  WindowedMax<Instant, Duration> highest_;
};

}  // namespace swarmcast::link
