// Round-trip time of a link (RFC 6298, with the timer limits of this protocol).
#pragma once

#include "engine/base/time.h"
#include "engine/base/windowed.h"

namespace swarmcast::link {

inline constexpr Duration kMinRetransmitTimeout = Duration::millis(30);
inline constexpr Duration kMaxRetransmitTimeout = Duration::millis(500);
// Before the first sample.
inline constexpr Duration kInitialRetransmitTimeout = Duration::millis(250);

class RttEstimator {
 public:
  // A round trip without the time the neighbour held the message. Negative counts as zero.
  void on_sample(Duration rtt, Instant now);

  bool has_sample() const { return has_sample_; }
  Duration smoothed() const { return smoothed_; }
  Duration variation() const { return variation_; }  // mean deviation
  // Least of the last 10 s; the smoothed value if none is left.
  Duration minimum() const { return minimum_.best().value_or(smoothed_); }
  // smoothed + 4 x variation, within kMin..kMaxRetransmitTimeout.
  Duration retransmit_timeout() const;

 private:
  bool has_sample_ = false;
  Duration smoothed_;
  Duration variation_;
  WindowedMin<Instant, Duration> minimum_;
};

}  // namespace swarmcast::link
