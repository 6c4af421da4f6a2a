#include "host/media/pacer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "host/media/media_for_test.h"

namespace swarmcast::media {
namespace {

TEST(PacerTest, ProducerAheadOfUsIsPacedByItsTimestamps) {
  Pacer pacer(Timing::kStream);
  for (int64_t n = 0; n < 100; ++n) {
    // Always as far ahead as the queue lets it.
    const int64_t now = 1'000'000 + std::max<int64_t>(0, n - 8) * kPeriod;
    if (n > 8) pacer.on_blocked(now);
    pacer.on_arrival(n * kPeriod, now);
    EXPECT_EQ(pacer.due(n * kPeriod), 1'000'000 + n * kPeriod) << n;
  }
}

TEST(PacerTest, LiveInputSoonLosesItsInitialDelay) {
  Pacer pacer(Timing::kStream);
  pacer.on_arrival(0, 120'000);  // the first picture was held up by our own start
  int64_t n = 1;
  for (; n < 30; ++n) pacer.on_arrival(n * kPeriod, n * kPeriod + 1'000);
  EXPECT_EQ(pacer.due(n * kPeriod), n * kPeriod + 1'000);
}

// The nominal rate of a row of JPEGs is 25 a second, whatever the camera does.
TEST(PacerTest, LiveInputFasterThanItsTimestampsGathersLittleDelay) {
  Pacer pacer(Timing::kNominal);
  int64_t worst = 0;
  for (int64_t n = 0; n < 900; ++n) {
    const int64_t now = n * 33'333;
    pacer.on_arrival(n * 40'000, now);
    worst = std::max(worst, *pacer.due(n * 40'000) - now);
  }
  EXPECT_LT(worst, 250'000);
}

// The camera began before us: what the pipe held comes at once, the rest as it is taken.
TEST(PacerTest, ABacklogIsJumpedOnceAndWithinASecondOfItsEnd) {
  for (const int64_t backlog : {100'000, 600'000, 2'500'000}) {
    Pacer pacer(Timing::kStream);
    int jumps = 0;
    for (int64_t n = 0; n < 200; ++n) {
      const int64_t now = std::max(backlog + n * 1'000, n * kPeriod);
      const bool jumped = pacer.on_arrival(n * kPeriod, now);
      jumps += jumped;
      const int64_t lead = *pacer.due(n * kPeriod) - now;
      EXPECT_GE(lead, 0);
      if (now > backlog * 51 / 50 + 1'100'000) {
        EXPECT_LE(lead, 2'000) << backlog << " " << n;
      }
    }
    EXPECT_EQ(jumps, 1) << backlog;
    EXPECT_TRUE(pacer.probing());
  }
}

// Otherwise the hiccup's delay would stay until the next jump is allowed.
TEST(PacerTest, AHiccupDoesNotSpoilTheJump) {
  Pacer pacer(Timing::kStream);
  for (int64_t n = 0; n < 60; ++n) {
    int64_t now = std::max<int64_t>(300'000 + n * 1'000, n * kPeriod);
    if (n == 15) now += 110'000;
    if (n == 16) now += 60'000;
    pacer.on_arrival(n * kPeriod, now);
    if (n >= 40) {
      EXPECT_LE(*pacer.due(n * kPeriod) - now, 2'000) << n;
    }
  }
}

TEST(PacerTest, JumpsKeepTheirDistance) {
  Pacer pacer(Timing::kStream);
  std::vector<int64_t> jumps;
  int64_t shift = 0;
  for (int64_t n = 0; n < 600; ++n) {
    if (n % 30 == 0) shift += 100'000;  // every 1.5 s the pictures begin to come 100 ms earlier
    const int64_t now = 10'000'000 + n * kPeriod - shift;
    if (pacer.on_arrival(n * kPeriod, now)) jumps.push_back(now);
  }
  ASSERT_GE(jumps.size(), 5u);
  for (size_t n = 1; n < jumps.size(); ++n) EXPECT_GE(jumps[n] - jumps[n - 1], 3'000'000);
}

// A transcoder that is not held up by us yet: the queue is still filling.
TEST(PacerTest, AProducerALittleFasterThanRealTimeIsNotFollowed) {
  for (const int64_t percent : {106, 120, 150, 300}) {
    Pacer pacer(Timing::kStream);
    for (int64_t n = 0; n < 200; ++n) {
      const int64_t jitter = n * 7919 % 10'000;
      const int64_t now = n * kPeriod * 100 / percent + jitter;
      EXPECT_FALSE(pacer.on_arrival(n * kPeriod, now)) << percent << " " << n;
      EXPECT_EQ(pacer.due(n * kPeriod), n * kPeriod) << percent << " " << n;
    }
  }
}

TEST(PacerTest, AFasterProducerThatStallsIsNotFollowedEither) {
  for (const int64_t stall : {130'000, 150'000, 200'000}) {
    for (const int64_t at : {21, 28, 35}) {
      Pacer pacer(Timing::kStream);
      for (int64_t n = 0; n < 60; ++n) {
        const int64_t now = n * kPeriod * 10 / 13 + (n >= at ? stall : 0);
        EXPECT_FALSE(pacer.on_arrival(n * kPeriod, now)) << stall << " " << at << " " << n;
        EXPECT_EQ(pacer.due(n * kPeriod), n * kPeriod) << stall << " " << at << " " << n;
      }
    }
  }
}

TEST(PacerTest, ThatAProducerIsAheadIsKnownUntilItPauses) {
  Pacer pacer(Timing::kStream);
  EXPECT_TRUE(pacer.probing());
  pacer.on_arrival(0, 0);
  pacer.on_blocked(1'000);
  EXPECT_FALSE(pacer.probing());
  pacer.on_arrival(kPeriod, 2'000);
  EXPECT_FALSE(pacer.probing());
  pacer.on_arrival(2 * kPeriod, 900'000);
  EXPECT_TRUE(pacer.probing());
}

TEST(PacerTest, FilesAreNeverJumped) {
  Pacer pacer(Timing::kStored);
  EXPECT_FALSE(pacer.probing());
  pacer.on_arrival(0, 0);
  for (int64_t n = 1; n < 100; ++n)
    EXPECT_FALSE(pacer.on_arrival(n * kPeriod, n * kPeriod - 40'000));
  EXPECT_EQ(pacer.due(100 * kPeriod), 100 * kPeriod);
}

TEST(PacerTest, LatePicturesLeaveTheTimeLineAlone) {
  Pacer pacer(Timing::kStream);
  pacer.on_arrival(0, 0);
  pacer.on_arrival(kPeriod, kPeriod + 300'000);
  EXPECT_EQ(pacer.due(2 * kPeriod), 2 * kPeriod);
}

TEST(PacerTest, APauseMovesTheTimeLine) {
  Pacer pacer(Timing::kStream);
  pacer.on_arrival(0, 0);
  pacer.on_arrival(kPeriod, 5'000'000);
  EXPECT_EQ(pacer.due(kPeriod), 5'000'000);
  EXPECT_EQ(pacer.due(2 * kPeriod), 5'000'000 + kPeriod);
}

TEST(PacerTest, DevicesAreNeverHeldBack) {
  Pacer pacer(Timing::kDevice);
  EXPECT_EQ(pacer.due(0), std::nullopt);
  pacer.on_arrival(0, 100'000);
  pacer.on_arrival(kPeriod, 101'000);
  EXPECT_EQ(pacer.due(kPeriod), 101'000);
}

}  // namespace
}  // namespace swarmcast::media
