#include "engine/repair/repair_plan.h"

#include <algorithm>

namespace swarmcast::repair {
namespace {

// Decoding and waiting for the screen.
constexpr Duration kDevice = Duration::millis(2);
// More rounds repair next to nothing that these do not, even at 20 % of loss.
constexpr unsigned kUsefulRounds = 4;
constexpr Duration kMinSpread = Duration::millis(8);
constexpr Duration kMinGather = Duration::micros(1'500);
constexpr Duration kMaxGather = Duration::millis(15);
constexpr Duration kMinTail = Duration::millis(3);
constexpr Duration kMaxTail = Duration::millis(40);  // an idle sender speaks then anyway

}  // namespace

RepairPlan plan_repair(const PlanInputs& in) {
  const Duration longest_spread = std::max(in.frame_interval / 2, kMinSpread);
  const Duration available = in.playout - in.rtt * static_cast<int64_t>(in.hops) / 2 - kDevice;
  const Duration round = in.rtt + std::max(kRoundMargin, in.variation * 4);
  RepairPlan plan{.spread = kMinSpread, .gather = kMinGather, .tail = kMinTail};
  if (available <= Duration()) return plan;
  plan.rounds =
      static_cast<unsigned>(std::min<int64_t>(available.us() / round.us(), kUsefulRounds));
  const Duration slack = available - round * static_cast<int64_t>(plan.rounds);
  plan.spread = std::clamp(kMinSpread + slack / 4, kMinSpread, longest_spread);
  plan.gather = std::clamp(slack / 4, kMinGather, kMaxGather);
  plan.tail = std::clamp(slack / 4, kMinTail, kMaxTail);
  return plan;
}

}  // namespace swarmcast::repair
