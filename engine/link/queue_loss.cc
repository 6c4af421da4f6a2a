#include "engine/link/queue_loss.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace swarmcast::link {
namespace {

constexpr double kMemorySeconds = 5;
// Nothing to compare with yet: only what no path loses by itself counts.
constexpr Duration kFirstLook = Duration::seconds(2);
constexpr double kManyMessages = 8;
constexpr double kManyLost = 0.4;
// A delay of this share of the highest is a full queue: reports are few, and the fullest moment
// falls between two of them.
constexpr double kNearlyFull = 0.7;
constexpr double kTimesAsFrequent = 2;
constexpr double kDeviations = 4;

}  // namespace

bool QueueLoss::on_report(Duration queue_delay, uint64_t expected, int64_t lost, Instant now) {
  forget(now);
  if (!began_) began_ = now;
  // A single late report is a hiccup of a host.
  highest_.add(now, std::min(queue_delay, previous_.queue_delay));
  const Duration highest = *highest_.best();
  const Duration worst = std::max(queue_delay, previous_.queue_delay);
  const bool full =
      highest >= kLeastQueue && worst.seconds_f() >= kNearlyFull * highest.seconds_f();
  // Messages that were only late are taken off the report before.
  const Report report =
      std::exchange(previous_, {queue_delay, expected, std::max<int64_t>(lost, 0), full});
  const auto sent = static_cast<double>(report.expected);
  const auto missing =
      static_cast<double>(std::max<int64_t>(report.lost + std::min<int64_t>(lost, 0), 0));
  Tally& tally = report.full ? full_ : other_;
  tally.expected += sent;
  tally.lost += missing;
  if (!report.full || missing == 0) return false;
  if (now - *began_ < kFirstLook) return sent >= kManyMessages && missing >= kManyLost * sent;
  // What would be lost here if the queue had no part in it, and how far chance takes that.
  const double usual = other_.expected <= 0 ? 0 : other_.lost / other_.expected * full_.expected;
  return full_.lost > kTimesAsFrequent * usual + kDeviations * std::sqrt(usual);
}

void QueueLoss::forget(Instant now) {
  const double kept = std::exp(-(now - last_).seconds_f() / kMemorySeconds);
  last_ = now;
  for (Tally* tally : {&full_, &other_}) {
    tally->expected *= kept;
    tally->lost *= kept;
  }
}

}  // namespace swarmcast::link
