#include "host/session/latency_window.h"

#include <algorithm>
#include <iterator>
#include <vector>

namespace swarmcast::session {
namespace {

constexpr Duration kSpan = Duration::seconds(10);
constexpr size_t kMaxSamples = 2'000;

}  // namespace

void LatencyWindow::add(Instant presented, Duration latency) {
  if (samples_.size() == kMaxSamples) samples_.pop_front();
  samples_.push_back({presented, latency});
}

LatencySummary LatencyWindow::summary(Instant now) {
  while (!samples_.empty() && samples_.front().at + kSpan < now) samples_.pop_front();
  if (samples_.empty()) return {};
  std::vector<Duration> sorted;
  std::ranges::transform(samples_, std::back_inserter(sorted), &Sample::latency);
  std::ranges::sort(sorted);
  const auto at = [&](size_t percent) { return sorted[(sorted.size() - 1) * percent / 100]; };
  return {at(50), at(95), at(99)};
}

}  // namespace swarmcast::session
