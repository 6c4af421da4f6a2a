#include "engine/repair/repair_plan.h"

#include <gtest/gtest.h>

#include "engine/base/times_for_test.h"

namespace swarmcast::repair {
namespace {

// RTT 60 ms, 20 frames a second.
RepairPlan plan(int64_t playout_ms, unsigned hops = 1, int64_t rtt_ms = 60) {
  return plan_repair(
      {.playout = ms(playout_ms), .rtt = ms(rtt_ms), .hops = hops, .frame_interval = ms(50)});
}

TEST(RepairPlan, RoundsAreWhatFitsBehindTheWayThere) {
  EXPECT_EQ(plan(90).rounds, 0u);
  EXPECT_EQ(plan(110).rounds, 1u);  // 110 - 30 - 2 >= 60 + 5
  EXPECT_EQ(plan(170).rounds, 2u);
  EXPECT_EQ(plan(300).rounds, 4u);
  EXPECT_EQ(plan(3'000).rounds, 4u);
  EXPECT_EQ(plan(300, 5).rounds, 2u);
  EXPECT_EQ(plan(300, 7, 150).rounds, 0u);
}

TEST(RepairPlan, ARoundTakesLongerWhereTheRoundTripVaries) {
  const PlanInputs in{
      .playout = ms(250), .rtt = ms(60), .variation = ms(10), .frame_interval = ms(50)};
  EXPECT_EQ(plan(250).rounds, 3u);
  EXPECT_EQ(plan_repair(in).rounds, 2u);
}

TEST(RepairPlan, AFrameIsSpreadOverWhatTheRoundsLeave) {
  EXPECT_LE(plan(170).spread, ms(10));
  EXPECT_EQ(plan(1'000).spread, ms(25));
  EXPECT_GT(plan(130).spread, plan(110).spread);
}

TEST(RepairPlan, WithTimeToSpareNaksAndTailsWait) {
  EXPECT_LE(plan(170).gather, ms(2));
  EXPECT_EQ(plan(170).tail, ms(3));
  EXPECT_EQ(plan(1'000).gather, ms(15));
  EXPECT_EQ(plan(1'000).tail, ms(40));
}

TEST(RepairPlan, NothingKnownIsNoDanger) {
  EXPECT_EQ(plan_repair({}).rounds, 0u);
  EXPECT_GT(plan_repair({}).spread, Duration());
}

}  // namespace
}  // namespace swarmcast::repair
