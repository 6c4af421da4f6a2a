#include "engine/chunk/playout_delay.h"

#include <algorithm>

namespace swarmcast::chunk {
namespace {

constexpr int64_t kShrinkDivisor = 50;  // 2 %
constexpr int64_t kIntervalGain = 8;

}  // namespace

PlayoutDelay::PlayoutDelay(std::optional<Duration> fixed)
    : fixed_(fixed.has_value()), current_(std::min(fixed.value_or(kInitialPlayout), kMaxPlayout)) {}

void PlayoutDelay::on_complete(Duration lateness, StreamTime now) {
  if (fixed_ || was_held_up(now - lateness, now)) return;
  lateness = std::clamp(lateness, Duration(), kMaxPlayout);
  // Nothing is known yet of losses on the way: leave room for one repair.
  if (!any_complete_) current_ = std::max(current_, lateness + kFirstAllowance);
  any_complete_ = true;
  const bool in_outage =
      lateness > current_ + kOutageStep || (!outage_since_.is_never() && lateness > current_);
  if (!in_outage)
    outage_since_ = StreamTime::never();
  else if (outage_since_.is_never())
    outage_since_ = now;
  if (!in_outage || now - outage_since_ >= kOutagePatience) lateness_.add(now, lateness);
  current_ = std::max(current_, target());
}

bool PlayoutDelay::was_held_up(StreamTime capture, StreamTime now) {
  const Duration silence = now - last_at_;
  // What comes next waits behind repairs, for about as long again.
  if (any_complete_ && silence > kSilence + interval_ * 2)
    held_up_until_ = now + std::min(silence, kOutagePatience);
  if (any_complete_ && capture > newest_) {
    const Duration distance = capture - newest_;
    if (interval_ == Duration()) interval_ = distance;
    // Behind a silence the captures in it are missing.
    interval_ = interval_ + (std::min(distance, interval_ * 2) - interval_) / kIntervalGain;
  }
  last_at_ = now;
  newest_ = any_complete_ ? std::max(newest_, capture) : capture;
  return capture < held_up_until_;
}

void PlayoutDelay::on_time(StreamTime now) {
  if (fixed_ || (updated_once_ && now <= updated_)) return;
  lateness_.advance(now);
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
  const auto worst = lateness_.best();
  if (!worst) return current_;  // nothing arrives: no reason to change
  return std::clamp(*worst + kDecodeMargin, kMinPlayout, kMaxPlayout);
}

}  // namespace swarmcast::chunk
