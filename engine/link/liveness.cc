#include "engine/link/liveness.h"

#include <algorithm>

namespace swarmcast::link {
namespace {

// Gaps within a burst of fragments say nothing of jitter.
constexpr Duration kShortestGap = kTickInterval / 2;

}  // namespace

void LivenessDetector::on_received(Instant now) {
  const Duration gap = now - last_heard_;
  last_heard_ = std::max(last_heard_, now);
  // An outage is not jitter either: else each would make the next harder to see.
  if (gap < kShortestGap || gap > kDeadAfter) return;
  const Duration excess = std::clamp(gap - kTickInterval, Duration(), kSuspectAfter);
  jitter_ += (excess - jitter_) / 8;
}

Liveness LivenessDetector::state(Instant now) const {
  if (silence(now) > kDeadAfter) return Liveness::kDead;
  return silence(now) > suspect_after() ? Liveness::kSuspect : Liveness::kAlive;
}

Instant LivenessDetector::next_timeout(Instant now) const {
  const Duration tick = Duration::micros(1);
  switch (state(now)) {
    case Liveness::kAlive:
      return last_heard_ + suspect_after() + tick;
    case Liveness::kSuspect:
      return last_heard_ + kDeadAfter + tick;
    case Liveness::kDead:
      break;
  }
  return Instant::never();
}

Duration LivenessDetector::suspect_after() const { return kSuspectAfter + jitter_ * 4; }

}  // namespace swarmcast::link
