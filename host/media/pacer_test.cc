#include "host/media/pacer.h"

#include <gtest/gtest.h>

namespace swarmcast::media {
namespace {

constexpr int64_t kPeriod = 50'000;

TEST(PacerTest, StoredInputLeavesByItsTimestamps) {
  Pacer pacer(false);
  for (int64_t n = 0; n < 100; ++n) {
    // Always as far ahead as the queue lets it.
    const int64_t now = 1'000'000 + std::max<int64_t>(0, n - 8) * kPeriod;
    if (n > 8) pacer.on_blocked(now);
    pacer.on_arrival(n * kPeriod, now);
    EXPECT_EQ(pacer.due(n * kPeriod), 1'000'000 + n * kPeriod) << n;
  }
}

TEST(PacerTest, LiveInputSoonLosesItsInitialDelay) {
  Pacer pacer(false);
  pacer.on_arrival(0, 120'000);  // the first picture was held up by our own start
  int64_t n = 1;
  for (; n < 30; ++n) pacer.on_arrival(n * kPeriod, n * kPeriod + 1'000);
  EXPECT_EQ(pacer.due(n * kPeriod), n * kPeriod + 1'000);
}

// The nominal rate of a row of JPEGs is 25 a second, whatever the camera does.
TEST(PacerTest, LiveInputFasterThanItsTimestampsGathersLittleDelay) {
  Pacer pacer(false);
  int64_t worst = 0;
  for (int64_t n = 0; n < 900; ++n) {
    const int64_t now = n * 33'333;
    pacer.on_arrival(n * 40'000, now);
    worst = std::max(worst, *pacer.due(n * 40'000) - now);
  }
  EXPECT_LT(worst, 250'000);
}

TEST(PacerTest, LatePicturesLeaveTheTimeLineAlone) {
  Pacer pacer(false);
  pacer.on_arrival(0, 0);
  pacer.on_arrival(kPeriod, kPeriod + 300'000);
  EXPECT_EQ(pacer.due(2 * kPeriod), 2 * kPeriod);
}

TEST(PacerTest, APauseMovesTheTimeLine) {
  Pacer pacer(false);
  pacer.on_arrival(0, 0);
  pacer.on_arrival(kPeriod, 5'000'000);
  EXPECT_EQ(pacer.due(kPeriod), 5'000'000);
  EXPECT_EQ(pacer.due(2 * kPeriod), 5'000'000 + kPeriod);
}

TEST(PacerTest, DevicesAreNeverHeldBack) {
  Pacer pacer(true);
  EXPECT_EQ(pacer.due(0), std::nullopt);
  pacer.on_arrival(0, 100'000);
  pacer.on_arrival(kPeriod, 101'000);
  EXPECT_EQ(pacer.due(kPeriod), 101'000);
}

}  // namespace
}  // namespace swarmcast::media
