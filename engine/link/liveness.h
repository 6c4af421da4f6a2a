// Whether a neighbour still speaks, and when we have to (spec/link.md, "TICK").
#pragma once

#include "engine/base/time.h"

namespace swarmcast::link {

inline constexpr Duration kTickInterval = Duration::millis(40);
inline constexpr Duration kSuspectAfter = Duration::millis(100);
inline constexpr Duration kDeadAfter = Duration::seconds(3);
static_assert(kTickInterval < kSuspectAfter && kSuspectAfter < kDeadAfter);

// The parent's side: a tick is due when nothing was sent to this child for kTickInterval.
class TickSchedule {
 public:
  explicit TickSchedule(Instant now) : last_sent_(now) {}
  // Anything at all was sent on this link.
  void on_sent(Instant now) { last_sent_ = now; }
  bool is_due(Instant now) const { return now >= next_timeout(); }
  Instant next_timeout() const { return last_sent_ + kTickInterval; }

 private:
  Instant last_sent_;
};

enum class Liveness {
  kAlive,
  kSuspect,  // silent for 100 ms + 4 x the usual excess of a gap over the tick interval
  kDead,     // silent for 3 s
};

// The child's side. A link that has just come up counts as heard at that moment.
class LivenessDetector {
 public:
  explicit LivenessDetector(Instant now) : last_heard_(now) {}
  // Anything at all was received on this link.
  void on_received(Instant now);

  Liveness state(Instant now) const;
  Duration silence(Instant now) const { return now - last_heard_; }
  // When the state changes if nothing is received: after `now`, never() once dead.
  Instant next_timeout(Instant now) const;
  Duration suspect_after() const;

 private:
  Instant last_heard_;
  Duration jitter_;
};

}  // namespace swarmcast::link
