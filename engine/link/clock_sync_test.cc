#include "engine/link/clock_sync.h"

#include <gtest/gtest.h>

#include "engine/base/random.h"
#include "engine/base/times_for_test.h"

namespace swarmcast::link {
namespace {

StreamTime stream(int64_t value) { return StreamTime::from_ms(value); }

TEST(ClockSync, PlacesTheReadingAtTheMiddle) {
  ClockSync clock;
  EXPECT_FALSE(clock.is_known());
  // Asked at 1,000, held 20 ms, back at 1,100: answered at 1,060 +- 40.
  clock.on_sample(at(1'000), at(1'100), ms(20), stream(500), ms(3));
  ASSERT_TRUE(clock.is_known());
  EXPECT_EQ(clock.to_stream(at(1'060)), stream(500));
  EXPECT_EQ(clock.to_local(stream(500)), at(1'060));
  EXPECT_EQ(clock.error(at(1'100)), ms(43) + Duration::micros(1));
}

TEST(ClockSync, TheReadingWithTheLeastErrorRules) {
  ClockSync clock;
  clock.on_sample(at(0), at(10), Duration(), stream(1'005), Duration());
  for (int i = 1; i < 80; ++i)  // worse ones, all on the far side of their error
    clock.on_sample(at(100 * i), at(100 * i + 50), Duration(), stream(1'000 + 100 * i + 45),
                    Duration());
  EXPECT_LT(clock.error(at(3'000)), ms(60));
  ClockSync lucky;
  lucky.on_sample(at(0), at(50), Duration(), stream(1'045), Duration());
  lucky.on_sample(at(1'000), at(1'010), Duration(), stream(2'005), Duration());
  EXPECT_EQ(lucky.to_stream(at(5'000)), stream(6'000)) << "slewed to the better one";
}

TEST(ClockSync, SlewsSmallErrorsAndSetsLargeOnes) {
  ClockSync clock;
  clock.on_sample(at(-1'000), at(-800), Duration(), stream(160), Duration());  // 60 ms ahead
  clock.on_sample(at(1'000), at(1'000), Duration(), stream(2'000), Duration());
  const StreamTime before = clock.to_stream(at(1'000));
  EXPECT_EQ(before, stream(2'060));
  EXPECT_EQ(clock.error(at(1'000)), ms(60) + Duration::micros(1)) << "what is left to go counts";
  EXPECT_EQ(clock.to_stream(at(2'000)), stream(3'050)) << "1 %, and always forwards";
  EXPECT_EQ(clock.to_stream(at(9'000)), stream(10'000));
  EXPECT_NEAR(static_cast<double>(clock.to_local(stream(3'050)).us()), 2e6, 1) << "rounding";
  clock.on_sample(at(9'000), at(9'000), Duration(), stream(5'000), Duration());
  clock.on_sample(at(20'000), at(20'000), Duration(), stream(16'000), Duration());
  EXPECT_EQ(clock.to_stream(at(20'000)), stream(16'000));
}

TEST(ClockSync, IsSetAtOnceWhileItIsYoung) {
  ClockSync clock;
  clock.on_sample(at(0), at(120), Duration(), stream(1'120), Duration());  // 60 ms ahead
  clock.on_sample(at(200), at(210), Duration(), stream(1'205), Duration());
  EXPECT_EQ(clock.to_stream(at(210)), stream(1'210));
}

TEST(ClockSync, KeepsTheLastReadingWhenTheParentFallsSilent) {
  ClockSync clock;
  clock.on_sample(at(0), at(10), Duration(), stream(5), Duration());
  EXPECT_EQ(clock.to_stream(at(100'005)), stream(100'005));
  EXPECT_GT(clock.error(at(100'010)), ms(14)) << "100 ppm over 100 s";
}

// Whatever the delays, the stated bound holds, and time never runs backwards once it is a second
// old.
TEST(ClockSync, TheBoundHoldsUnderAsymmetryAndDrift) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    Prng random(seed);
    const double drift = (random.uniform() - 0.5) * 100e-6;
    const auto truth = [&](Instant local) {
      return StreamTime::from_us(
          7'000'000 + static_cast<int64_t>(static_cast<double>(local.us()) * (1 + drift)));
    };
    ClockSync clock;
    StreamTime last = StreamTime::from_us(INT64_MIN);
    for (int64_t t = 0; t < 60'000; t += 250) {
      const Duration out = Duration::micros(static_cast<int64_t>(random.below(60'000)));
      const Duration back = Duration::micros(static_cast<int64_t>(random.below(60'000)));
      const Duration parent_error = Duration::micros(static_cast<int64_t>(random.below(5'000)));
      const Duration lie = random.chance(0.5) ? parent_error : -parent_error;
      clock.on_sample(at(t), at(t) + out + back, Duration(), truth(at(t) + out) + lie,
                      parent_error);
      for (Instant now = at(t) + out + back; now < at(t + 250); now = now + ms(10)) {
        const Duration off = clock.to_stream(now) - truth(now);
        ASSERT_LE(off, clock.error(now)) << "seed " << seed << " at " << now.us();
        ASSERT_GE(off, -clock.error(now)) << "seed " << seed << " at " << now.us();
        if (t > 1'250) {
          ASSERT_GE(clock.to_stream(now), last) << "seed " << seed;
        }
        last = clock.to_stream(now);
        ASSERT_LE((clock.to_local(clock.to_stream(now)) - now).us(), 50);
        ASSERT_GE((clock.to_local(clock.to_stream(now)) - now).us(), -50);
      }
    }
  }
}

}  // namespace
}  // namespace swarmcast::link
