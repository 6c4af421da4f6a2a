#include "engine/link/rtt_estimator.h"

#include <algorithm>

namespace swarmcast::link {

void RttEstimator::on_sample(Duration rtt, Instant now) {
  rtt = std::max(rtt, Duration());
  minimum_.add(now, rtt);
  if (!has_sample_) {
    has_sample_ = true;
    smoothed_ = rtt;
    variation_ = rtt / 2;
    return;
  }
  const Duration error = rtt - smoothed_;
  const Duration deviation = error < Duration() ? -error : error;
  variation_ += (deviation - variation_) / 4;
  smoothed_ += error / 8;
}

Duration RttEstimator::retransmit_timeout() const {
  if (!has_sample_) return kInitialRetransmitTimeout;
  return std::clamp(smoothed_ + variation_ * 4, kMinRetransmitTimeout, kMaxRetransmitTimeout);
}

}  // namespace swarmcast::link
