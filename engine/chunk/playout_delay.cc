#include "engine/chunk/playout_delay.h"

#include <algorithm>

namespace swarmcast::chunk {
namespace {

constexpr int64_t kShrinkDivisor = 50;  // 2 %
constexpr double kShareGain = 1.0 / 32;
constexpr double kOutageShare = 0.1;

}  // namespace

PlayoutDelay::PlayoutDelay(std::optional<Duration> fixed)
    : fixed_(fixed.has_value()), current_(std::min(fixed.value_or(kInitialPlayout), kMaxPlayout)) {}

void PlayoutDelay::on_complete(Duration lateness, StreamTime now) {
  if (fixed_) return;
  lateness = std::clamp(lateness, Duration(), kMaxPlayout);
  const bool outage = lateness > kOutageLateness;
  late_share_ += kShareGain * ((outage ? 1.0 : 0.0) - late_share_);
  all_.add(now, lateness);
  if (!outage) usual_.add(now, lateness);
  current_ = std::max(current_, target());
}

void PlayoutDelay::on_time(StreamTime now) {
  if (fixed_ || (updated_once_ && now <= updated_)) return;
  all_.advance(now);
  usual_.advance(now);
  if (updated_once_) {
    const Duration wanted = target();
    const Duration step = (now - updated_) / kShrinkDivisor;
    if (wanted < current_) current_ = std::max(wanted, current_ - step);
    updated_ = updated_ + step * kShrinkDivisor;  // what is left adds up
    return;
  }
  updated_ = now;
  updated_once_ = true;
}

Duration PlayoutDelay::target() const {
  const auto worst = late_share_ > kOutageShare ? all_.best() : usual_.best();
  if (!worst) return current_;  // nothing arrives: no reason to change
  return std::clamp(*worst + kDecodeMargin, kMinPlayout, kMaxPlayout);
}

}  // namespace swarmcast::chunk
