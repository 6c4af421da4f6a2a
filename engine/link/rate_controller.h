// How fast a path may be sent on, from delay and loss.
#pragma once

#include <array>
#include <cstddef>

#include "engine/base/time.h"
#include "engine/base/units.h"
#include "engine/base/windowed.h"
#include "engine/link/egress.h"

namespace swarmcast::link {

inline constexpr DataRate kMinRate = DataRate::kbps(64);
inline constexpr DataRate kMaxRate = DataRate::kbps(1'000'000);
// A queue that stands longer than this makes the rate fall; between the two by the path's jitter.
inline constexpr Duration kMinQueueLimit = Duration::millis(25);
inline constexpr Duration kMaxQueueLimit = Duration::millis(50);
// Loss below this share is the path's own and no reason to slow down.
inline constexpr double kBreakerLoss = 0.3;
inline constexpr Duration kBreakerPatience = Duration::seconds(2);

struct RateSignal {
  Duration queue_delay;         // one-way delay above its minimum
  DataRate delivered;           // over half a second, say
  DataRate delivered_recently;  // over the shortest time that tells
  double loss = 0;              // of the last seconds
  Duration rtt;
};

// Delay leads: if even the least of the last three queue delays is above the limit, the queue
// stands, and the rate falls to 0.85 of what gets through, or lower while a long queue drains.
// Otherwise it grows, slowly near where it last fell, and never beyond twice what was delivered: a
// path that is not filled proves nothing. A delay that does not answer to three cuts is not ours (a
// longer route, another's queue) and becomes the new zero for 10 s. Loss counts only as a circuit
// breaker: above 30 % for 2 s halves the rate (RFC 8083 in spirit).
class RateController {
 public:
  DataRate rate() const { return rate_; }
  // Queue delay above which the queue stands, at this path's jitter.
  Duration queue_limit() const;
  // The least of the last queue delays, above what is not ours.
  Duration standing_queue(Instant now) const;

  void on_signal(const RateSignal& signal, Instant now);

 private:
  void cut(const RateSignal& signal, Duration standing, Instant now);
  void grow(const RateSignal& signal, Duration since_last);
  void watch_loss(const RateSignal& signal, Instant now);

  static constexpr size_t kRecent = 3;

  DataRate rate_ = kInitialRate;
  DataRate fell_at_ = kMaxRate;  // what got through when the rate fell last
  bool draining_ = false;
  std::array<Duration, kRecent> recent_{};
  size_t signals_ = 0;
  Instant last_at_;
  Duration jitter_;
  WindowedMax<Instant, DataRate> delivered_;

  Instant hold_until_ = Instant::from_us(0);
  Duration standing_at_cut_;
  int cuts_in_vain_ = 0;
  Duration not_ours_;
  Instant not_ours_until_ = Instant::from_us(0);
  Instant lossy_since_ = Instant::never();
};

}  // namespace swarmcast::link
