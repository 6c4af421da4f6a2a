// What a TCP flow would have in flight here: the window of CUBIC (RFC 9438), without the packets.
#pragma once

#include "engine/base/time.h"
#include "engine/base/units.h"

namespace swarmcast::link {

// A sender that keeps to window() / round trip gets the share of a bottleneck that one CUBIC flow
// beside it gets: both see the same queue and the same losses.
class CubicWindow {
 public:
  // Starts as a flow that sends at `rate` over a round trip of `rtt`.
  void start(DataRate rate, Duration rtt, Instant now);
  // Packets were lost to a full queue; at most once a round trip (the caller sees to it).
  void on_congestion(Instant now);
  // Grows, as acknowledgements would make it, by the time since the last call. With `idle` (the
  // sender did not use its window) time stands still instead (RFC 9438, 5.8).
  void on_time(Duration rtt, bool idle, Instant now);

  // The rate that a window of this size amounts to.
  DataRate rate(Duration rtt) const;

 private:
  double segments_ = 0;
  double before_ = 0;      // cwnd_prior: at the last congestion
  double most_ = 0;        // W_max: the same, or less if it had to give way twice in a row
  double estimate_ = 0;    // W_est: what Reno would have
  double inflection_ = 0;  // K, seconds
  Instant epoch_;
  Instant last_;
};

}  // namespace swarmcast::link
