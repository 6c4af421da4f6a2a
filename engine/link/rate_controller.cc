#include "engine/link/rate_controller.h"

#include <algorithm>

namespace swarmcast::link {
namespace {

constexpr double kCut = 0.85;
constexpr double kDeepestCut = 0.4;
constexpr double kDrainSeconds = 0.4;  // a longer queue is to be gone after this
constexpr double kGrowth = 0.5;        // share a second
constexpr double kGrowthNearLimit = 0.1;
constexpr Duration kMinHold = Duration::millis(200);
constexpr Duration kMaxHold = Duration::seconds(1);
constexpr int kMaxCutsInVain = 3;
constexpr Duration kRebaseSpan = Duration::seconds(10);
constexpr Duration kLongestStep = Duration::millis(200);

DataRate scaled(DataRate rate, double factor) {
  return DataRate::bps(static_cast<int64_t>(static_cast<double>(rate.bps()) * factor));
}

}  // namespace

Duration RateController::queue_limit() const {
  return std::min(kMinQueueLimit + jitter_, kMaxQueueLimit);
}

Duration RateController::standing_queue(Instant now) const {
  if (signals_ < kRecent) return Duration();
  const Duration least = *std::ranges::min_element(recent_);
  return now < not_ours_until_ ? std::max(least - not_ours_, Duration()) : least;
}

void RateController::on_signal(const RateSignal& signal, Instant now) {
  if (signals_ > 0) {
    const Duration change = signal.queue_delay - recent_[(signals_ - 1) % kRecent];
    jitter_ += ((change < Duration() ? -change : change) - jitter_) / 16;
  }
  recent_[signals_ % kRecent] = signal.queue_delay;
  const Duration since_last = signals_ == 0 ? Duration() : std::min(now - last_at_, kLongestStep);
  ++signals_;
  last_at_ = now;
  delivered_.add(now, signal.delivered);

  watch_loss(signal, now);
  const Duration standing = standing_queue(now);
  if (standing > queue_limit()) {
    if (now >= hold_until_) cut(signal, standing, now);
  } else if (standing < queue_limit() / 2 && lossy_since_.is_never()) {
    cuts_in_vain_ = 0;
    if (draining_) rate_ = std::max(rate_, scaled(fell_at_, kCut));
    draining_ = false;
    grow(signal, since_last);
  }
}

void RateController::cut(const RateSignal& signal, Duration standing, Instant now) {
  const bool in_vain = cuts_in_vain_ > 0 && standing * 10 >= standing_at_cut_ * 9;
  cuts_in_vain_ = in_vain || cuts_in_vain_ == 0 ? cuts_in_vain_ + 1 : 1;
  if (cuts_in_vain_ > kMaxCutsInVain) {
    not_ours_ = *std::ranges::min_element(recent_);
    not_ours_until_ = now + kRebaseSpan;
    cuts_in_vain_ = 0;
    return;
  }
  standing_at_cut_ = standing;
  fell_at_ = std::min(signal.delivered, signal.delivered_recently);
  const double factor = std::clamp(1 - standing.seconds_f() / kDrainSeconds, kDeepestCut, kCut);
  rate_ = std::clamp(scaled(fell_at_, factor), std::min(kMinRate, rate_), rate_);
  draining_ = true;
  const auto drain_us = static_cast<int64_t>(static_cast<double>(standing.us()) / (1 - factor));
  hold_until_ = now + std::clamp(signal.rtt + Duration::micros(drain_us), kMinHold, kMaxHold);
}

void RateController::grow(const RateSignal& signal, Duration since_last) {
  const bool near_limit = rate_ > scaled(fell_at_, 0.8) && rate_ < scaled(fell_at_, 1.2);
  const double factor = 1 + (near_limit ? kGrowthNearLimit : kGrowth) * since_last.seconds_f();
  const DataRate most = scaled(delivered_.best().value_or(signal.delivered), 2);
  rate_ = std::clamp(scaled(rate_, factor), rate_, std::clamp(most, rate_, kMaxRate));
}

void RateController::watch_loss(const RateSignal& signal, Instant now) {
  if (signal.loss <= kBreakerLoss) {
    lossy_since_ = Instant::never();
  } else if (lossy_since_.is_never()) {
    lossy_since_ = now;
  } else if (now - lossy_since_ >= kBreakerPatience) {
    rate_ = std::max(scaled(std::min(rate_, scaled(signal.delivered, 2)), 0.5), kMinRate);
    fell_at_ = rate_;
    lossy_since_ = now;
  }
}

}  // namespace swarmcast::link
