#include "sim/scenarios/population.h"

#include <gtest/gtest.h>

namespace swarmcast::sim {
namespace {

constexpr NodeId kMany = 20'000;

double share_of(size_t part) { return static_cast<double>(part) / kMany; }

TEST(PopulationTest, UplinksAreThoseOfOrdinaryPeople) {
  const Scenario s = *find_scenario("scarce");
  const auto r = static_cast<double>(s.rate.bps());
  size_t none = 0, poor = 0;
  for (NodeId node = 1; node <= kMany; ++node) {
    const HostLines lines = viewer_lines(s, node);
    const double share = static_cast<double>(lines.up.bps()) / r;
    EXPECT_LE(share, 4);
    none += share < 0.15;
    poor += share >= 0.15 && share < 0.95;
    EXPECT_EQ(lines.down.bps(), s.rate.bps() * 5);
  }
  EXPECT_NEAR(share_of(none), 0.10, 0.01);
  EXPECT_NEAR(share_of(poor), 0.33, 0.02);
}

TEST(PopulationTest, LivesEndWhenTheyAreToOnAverage) {
  Scenario s = *find_scenario("churn");
  s.life = Duration::seconds(50);
  s.outages_a_minute = 6;
  size_t vanishes = 0, outages = 0;
  for (NodeId node = 1; node <= kMany; ++node) {
    const Fate fate = fate_of(s, node, 7);
    vanishes += fate.vanishes.has_value();
    outages += fate.outage.has_value();
    if (fate.outage) {
      EXPECT_GE(fate.outage_length, Duration::millis(200));
      EXPECT_LE(fate.outage_length, Duration::seconds(2));
    }
  }
  EXPECT_NEAR(share_of(vanishes), 0.02, 0.004);
  EXPECT_NEAR(share_of(outages), 0.10, 0.01);
}

TEST(PopulationTest, AreFunctionsOfSeedAndNode) {
  Scenario s = *find_scenario("vanish"), other = s;
  other.seed = s.seed + 1;
  size_t differ = 0, vanish = 0;
  for (NodeId node = 1; node <= kMany; ++node) {
    EXPECT_EQ(viewer_lines(s, node).up, viewer_lines(s, node).up);
    EXPECT_EQ(vanishes_with_others(s, node), vanishes_with_others(s, node));
    differ += viewer_lines(s, node).up != viewer_lines(other, node).up;
    vanish += vanishes_with_others(s, node);
  }
  EXPECT_GT(share_of(differ), 0.8);
  EXPECT_NEAR(share_of(vanish), 0.3, 0.02);
}

TEST(PopulationTest, NothingIsMeasuredBeforeTheLastHasJoined) {
  Scenario s = *find_scenario("swarm");
  s.viewers = 10;
  s.seconds = 7;
  const Timetable t(s, Instant::from_ms(1'000));
  EXPECT_LT(t.first_picture, t.join(0));
  EXPECT_GE(t.begin, t.join(9) + kJoinGrace);
  EXPECT_EQ(t.end - t.begin, Duration::seconds(7));
  EXPECT_GT(t.stop, t.end);
}

}  // namespace
}  // namespace swarmcast::sim
