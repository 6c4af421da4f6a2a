#include "engine/link/cubic_window.h"

#include <algorithm>
#include <cmath>

namespace swarmcast::link {
namespace {

constexpr double kSegment = 1'448;  // bytes a TCP segment carries
constexpr double kCubic = 0.4;      // C
constexpr double kDecrease = 0.7;   // beta
constexpr double kReno = 3 * (1 - kDecrease) / (1 + kDecrease);
constexpr double kFewestSegments = 2;
constexpr Duration kLeastRtt = Duration::millis(1);

}  // namespace

void CubicWindow::start(DataRate rate, Duration rtt, Instant now) {
  rtt = std::max(rtt, kLeastRtt);
  segments_ = std::max(static_cast<double>(rate.bytes_in(rtt)) / kSegment, kFewestSegments);
  before_ = most_ = estimate_ = segments_;
  inflection_ = 0;
  epoch_ = last_ = now;
}

void CubicWindow::on_congestion(Instant now) {
  before_ = segments_;
  // Fast convergence (4.7): who had to give way twice in a row leaves more to newcomers.
  most_ = segments_ < most_ ? segments_ * (1 + kDecrease) / 2 : segments_;
  segments_ = std::max(segments_ * kDecrease, kFewestSegments);
  estimate_ = segments_;
  inflection_ = std::cbrt(std::max(most_ - segments_, 0.0) / kCubic);
  epoch_ = last_ = now;
}

void CubicWindow::on_time(Duration rtt, bool idle, Instant now) {
  rtt = std::max(rtt, kLeastRtt);
  const Duration passed = now - last_;
  last_ = now;
  if (idle) {
    epoch_ = epoch_ + passed;
    return;
  }
  const double turns = passed.seconds_f() / rtt.seconds_f();
  const double t = (now + rtt - epoch_).seconds_f() - inflection_;
  const double target = std::clamp(most_ + kCubic * t * t * t, segments_, segments_ * 1.5);
  segments_ += (target - segments_) * std::min(turns, 1.0);
  estimate_ += (estimate_ < before_ ? kReno : 1) * turns;
  segments_ = std::max(segments_, estimate_);
}

DataRate CubicWindow::rate(Duration rtt) const {
  return DataRate::of(static_cast<int64_t>(segments_ * kSegment), std::max(rtt, kLeastRtt));
}

}  // namespace swarmcast::link
