#include "sim/world/host_clock.h"

#include <gtest/gtest.h>

#include "engine/base/random.h"

namespace swarmcast::sim {
namespace {

TEST(HostClockTest, ShowsATimeNoEarlierAndHardlyLaterThanItIsAskedFor) {
  const uint64_t seed = 4;
  Prng prng(seed);
  for (int i = 0; i < 20'000; ++i) {
    const HostClock clock{Duration::micros(static_cast<int64_t>(prng.below(3'600'000'000))),
                          static_cast<int64_t>(prng.below(101)) - 50};
    const Instant wanted = Instant::from_ms(1'000) + clock.offset +
                           Duration::micros(static_cast<int64_t>(prng.below(86'400'000'000)));
    const Instant world = clock.world(wanted);
    EXPECT_GE(clock.local(world), wanted) << "seed " << seed;
    EXPECT_LE(clock.local(world) - wanted, Duration::micros(2)) << "seed " << seed;
    EXPECT_LT(clock.local(world - Duration::micros(2)), wanted) << "seed " << seed;
  }
}

TEST(HostClockTest, DriftsByMillionths) {
  const HostClock fast{Duration(), 50};
  const Instant after = Instant::from_ms(1'000'000);
  EXPECT_EQ(fast.local(after) - after, Duration::millis(50));
  EXPECT_TRUE(fast.world(Instant::never()).is_never());
}

}  // namespace
}  // namespace swarmcast::sim
