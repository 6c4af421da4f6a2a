// Swarms of real processes on an emulated network, beside the simulator's forecast. The figures are
// printed; what is demanded does not depend on how busy the machine is (`make bench` has the
// bounds, row m).
#include <gtest/gtest.h>

#include "engine/base/limits.h"
#include "test/e2e/nodes.h"
#include "test/swarm/run.h"

namespace swarmcast::test {
namespace {

constexpr uint64_t kSeed = 1;
constexpr uint64_t kVariants = 4;
// By the viewer who fares worst, on a machine where others wait for the processors, too.
constexpr double kLeastShown = 0.75;

void expect_swarm(size_t nodes, int64_t seconds) {
  const Forecast expected = forecast(swarm_of(nodes, seconds, kSeed), kVariants);
  ASSERT_EQ(expected.hosts.size(), nodes);
  EXPECT_EQ(expected.violations, 0u);
  const auto result = run_swarm(expected);
  if (const auto* none = std::get_if<NoSwarm>(&result)) {
    if (none->not_allowed) GTEST_SKIP() << none->why;
    FAIL() << none->why << "\nseed " << kSeed;
  }
  const auto& run = std::get<SwarmRun>(result);
  std::printf("%zu nodes, %lld kbit/s, seed %llu\n%s", nodes,
              static_cast<long long>(expected.scenario.rate.kbps()),
              static_cast<unsigned long long>(kSeed),
              to_string(compare(expected.runs, {run.figures})).c_str());
  for (const std::string& line : describe(run)) std::printf("  %s\n", line.c_str());
  EXPECT_LE(run.figures.hops_max, kMaxDepth);
  EXPECT_GE(run.least_shown, kLeastShown);
  EXPECT_EQ(run.ended_wrongly, 0u);
}

TEST(SwarmTest, TwelveNodes) { expect_swarm(12, 10); }

TEST(SwarmTest, SixtyNodes) { expect_swarm(60, 30); }

}  // namespace
}  // namespace swarmcast::test
