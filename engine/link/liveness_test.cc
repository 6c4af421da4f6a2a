#include "engine/link/liveness.h"

#include <gtest/gtest.h>

#include "engine/base/random.h"
#include "engine/base/times_for_test.h"

namespace swarmcast::link {
namespace {

TEST(TickSchedule, DueAfterFortyMillisecondsOfSilence) {
  TickSchedule ticks(at(0));
  EXPECT_FALSE(ticks.is_due(at(39)));
  EXPECT_TRUE(ticks.is_due(at(40)));
  ticks.on_sent(at(40));
  EXPECT_FALSE(ticks.is_due(at(79)));
  EXPECT_EQ(ticks.next_timeout(), at(80));
}

TEST(Liveness, SilenceIsSuspectThenDead) {
  LivenessDetector detector(at(0));
  for (int i = 1; i <= 100; ++i) detector.on_received(at(40 * i));
  EXPECT_EQ(detector.suspect_after(), ms(100)) << "a perfect link";
  EXPECT_EQ(detector.state(at(4'100)), Liveness::kAlive);
  EXPECT_EQ(detector.next_timeout(at(4'050)), at(4'100) + Duration::micros(1));
  EXPECT_EQ(detector.state(at(4'101)), Liveness::kSuspect);
  EXPECT_EQ(detector.next_timeout(at(4'101)), at(7'000) + Duration::micros(1));
  EXPECT_EQ(detector.state(at(7'001)), Liveness::kDead);
  EXPECT_TRUE(detector.next_timeout(at(7'001)).is_never());
  detector.on_received(at(8'000));
  EXPECT_EQ(detector.state(at(8'001)), Liveness::kAlive);
}

TEST(Liveness, ToleratesJitterAndLossWithoutGrowingBlind) {
  Prng random(5);
  LivenessDetector detector(at(0));
  int64_t heard = 0;
  int suspected = 0;
  for (int i = 1; i < 10'000; ++i) {
    if (random.chance(0.1)) continue;  // lost
    const int64_t now = std::max<int64_t>(heard, 40 * i + static_cast<int64_t>(random.below(30)));
    if (detector.state(at(now)) != Liveness::kAlive) ++suspected;
    heard = now;
    detector.on_received(at(heard));
  }
  EXPECT_LT(suspected, 60) << "under 1 % at 10 % loss and 30 ms of jitter";
  EXPECT_LT(detector.suspect_after(), ms(250));
}

TEST(Liveness, BurstsAndOutagesAreNotJitter) {
  LivenessDetector detector(at(0));
  for (int i = 0; i < 1'000; ++i) detector.on_received(at(50 * (i / 10) + i % 10));
  EXPECT_LE(detector.suspect_after(), ms(105));
  detector.on_received(at(60'000));
  EXPECT_LE(detector.suspect_after(), ms(105));
}

}  // namespace
}  // namespace swarmcast::link
