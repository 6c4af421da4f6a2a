#include "engine/base/time.h"

#include <gtest/gtest.h>

#include <type_traits>

#include "engine/base/units.h"

namespace swarmcast {
namespace {

static_assert(!std::is_convertible_v<int64_t, Duration>, "a number is not a time");
static_assert(!std::is_assignable_v<Instant&, StreamTime>, "two clocks do not mix");

TEST(Duration, Arithmetic) {
  EXPECT_EQ(Duration::seconds(1), Duration::millis(1'000));
  EXPECT_EQ(Duration::millis(1), Duration::micros(1'000));
  EXPECT_EQ(Duration::millis(3) - Duration::millis(5), -Duration::millis(2));
  EXPECT_EQ(Duration::millis(3) * 4 / 6, Duration::millis(2));
  EXPECT_LT(Duration(), Duration::micros(1));
  EXPECT_LT(Duration::seconds(1'000'000), Duration::infinite());
  EXPECT_DOUBLE_EQ(Duration::millis(1'500).seconds_f(), 1.5);
  Duration sum = Duration::millis(1);
  sum += Duration::millis(2);
  sum -= Duration::millis(4);
  EXPECT_EQ(sum.us(), -1'000);
}

TEST(TimePoint, Arithmetic) {
  const Instant start = Instant::from_ms(10);
  EXPECT_EQ(start.us(), 10'000);
  EXPECT_EQ(start + Duration::millis(5) - start, Duration::millis(5));
  EXPECT_EQ(start - Duration::millis(20), Instant::from_us(-10'000));
  EXPECT_TRUE(Instant::never().is_never());
  EXPECT_LT(start, Instant::never());
  EXPECT_FALSE(Instant().is_never());
}

TEST(DataRate, BytesAndTimes) {
  const DataRate rate = DataRate::kbps(800);
  EXPECT_EQ(rate.bytes_in(Duration::seconds(1)), 100'000);
  EXPECT_EQ(rate.time_to_send(1'000), Duration::millis(10));
  EXPECT_EQ(DataRate::of(100'000, Duration::seconds(1)), rate);
  EXPECT_EQ(DataRate().time_to_send(1), Duration::infinite());
  EXPECT_EQ(DataRate::of(1, Duration()), DataRate());
  EXPECT_EQ(DataRate::bps(-5), DataRate()) << "never negative";
}

TEST(TimePoint, NeverStaysNever) {
  EXPECT_TRUE((Instant::never() + Duration::seconds(1)).is_never());
  EXPECT_TRUE((Instant::never() - Duration::seconds(1)).is_never());
}

}  // namespace
}  // namespace swarmcast
