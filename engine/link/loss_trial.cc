#include "engine/link/loss_trial.h"

#include <algorithm>
#include <cmath>

namespace swarmcast::link {
namespace {

constexpr double kWorthATrial = 0.05;
constexpr double kMuchMore = 2;  // times the loss that an answer was for: ask again
// What left so soon after the cut may still meet the queue of before.
constexpr Duration kSettling = Duration::millis(100);
constexpr Duration kLength = Duration::millis(500);
constexpr Duration kGivesUp = Duration::seconds(3);
// Losses follow the rate if at most this share of them is left, and not by chance.
constexpr double kFollows = 0.6;
constexpr double kDeviations = 3;
constexpr Duration kRateFor = Duration::seconds(30);
constexpr Duration kFirstPathFor = Duration::seconds(5);
constexpr Duration kLongestPathFor = Duration::seconds(40);
// The answer is wrong if this share of the losses is there at a quarter of the rate for so long.
constexpr double kRefutes = 0.7;
constexpr double kSlow = 0.25;
constexpr Duration kUntilRefuted = Duration::millis(2'500);

}  // namespace

bool LossTrial::on_report(Instant sent_at, uint64_t expected, int64_t lost, double loss,
                          DataRate sent, Instant now) {
  if (running_) {
    count(sent_at, expected, lost, now);
    return false;
  }
  if (cause(now) != Cause::kRate) return false;
  if (static_cast<double>(sent.bps()) > kSlow * static_cast<double>(sent_.bps())) {
    slow_since_ = Instant::never();
  } else if (slow_since_.is_never()) {
    slow_since_ = now;
  } else if (now - slow_since_ > kUntilRefuted && loss > kRefutes * before_) {
    conclude(Cause::kPath, now);
    return false;
  }
  if (lost <= 0 || loss <= kMuchMore * remaining_) return false;
  until_ = now + kRateFor;
  return true;
}

bool LossTrial::is_due(double loss, Instant now) const {
  if (running_ || loss < kWorthATrial) return false;
  const Cause known = cause(now);
  return known == Cause::kUnknown || (known == Cause::kPath && loss > kMuchMore * before_);
}

void LossTrial::begin(double loss, DataRate sent, Instant now) {
  running_ = true;
  began_at_ = now;
  before_ = loss;
  sent_ = sent;
  expected_ = lost_ = 0;
}

void LossTrial::count(Instant sent_at, uint64_t expected, int64_t lost, Instant now) {
  if (now - began_at_ > kGivesUp) return conclude(Cause::kPath, now);
  if (sent_at < began_at_ + kSettling) return;
  expected_ += static_cast<double>(expected);
  lost_ += static_cast<double>(lost);
  if (sent_at < began_at_ + kSettling + kLength) return;
  const double usual = before_ * expected_;
  const bool enough = usual > kDeviations * kDeviations;
  if (usual - lost_ > kDeviations * std::sqrt(usual) && lost_ < kFollows * usual)
    conclude(Cause::kRate, now);
  else if (enough)
    conclude(Cause::kPath, now);
}

void LossTrial::conclude(Cause cause, Instant now) {
  running_ = false;
  cause_ = cause;
  slow_since_ = Instant::never();
  remaining_ = expected_ <= 0 ? 0 : std::clamp(lost_ / expected_, 0.0, 1.0);
  path_for_ = cause == Cause::kRate ? Duration()
                                    : std::clamp(path_for_ * 2, kFirstPathFor, kLongestPathFor);
  until_ = now + (cause == Cause::kRate ? kRateFor : path_for_);
}

}  // namespace swarmcast::link
