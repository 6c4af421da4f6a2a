#include "tools/wan/path.h"

#include <gtest/gtest.h>

#include <vector>

namespace swarmcast::wan {
namespace {

constexpr Instant at_ms(int64_t ms) { return Instant::from_ms(ms); }

TEST(BottleneckTest, SendsAtItsRateAndDropsWhenTheQueueIsFull) {
  Bottleneck line;
  line.rate = DataRate::kbps(800);  // 1,000 bytes in 10 ms
  line.queue = Duration::millis(25);
  EXPECT_EQ(line.admit(at_ms(0), 1'000), at_ms(10));
  EXPECT_EQ(line.admit(at_ms(0), 1'000), at_ms(20));
  EXPECT_EQ(line.admit(at_ms(0), 1'000), at_ms(30));
  EXPECT_EQ(line.admit(at_ms(0), 1'000), std::nullopt);  // would wait 30 ms
  EXPECT_EQ(line.admit(at_ms(5), 1'000), at_ms(40));
  EXPECT_EQ(line.admit(at_ms(100), 1'000), at_ms(110));  // idle time is not saved up
}

TEST(BottleneckTest, UnlimitedByDefault) {
  Bottleneck line;
  for (int i = 0; i < 100; ++i) EXPECT_EQ(line.admit(at_ms(7), 1'500), at_ms(7));
}

struct Losses {
  double share = 0;
  double mean_run = 0;
};

Losses measure(LossModel model, int packets) {
  Prng prng(42);
  int lost = 0, runs = 0;
  bool before = false;
  for (int i = 0; i < packets; ++i) {
    const bool now = model.lose(prng);
    lost += now;
    runs += now && !before;
    before = now;
  }
  return {static_cast<double>(lost) / packets, static_cast<double>(lost) / runs};
}

TEST(LossModelTest, IndependentLossHasTheMeanAndItsNaturalRuns) {
  LossModel model;
  ASSERT_TRUE(model.set(0.1, 1));
  const Losses seen = measure(model, 400'000);
  EXPECT_NEAR(seen.share, 0.1, 0.003);
  EXPECT_NEAR(seen.mean_run, 1 / 0.9, 0.02);
}

TEST(LossModelTest, BurstLossHasTheMeanAndTheRunLength) {
  LossModel model;
  ASSERT_TRUE(model.set(0.1, 4));
  const Losses seen = measure(model, 400'000);
  EXPECT_NEAR(seen.share, 0.1, 0.005);
  EXPECT_NEAR(seen.mean_run, 4, 0.15);
}

TEST(LossModelTest, NothingAndEverything) {
  LossModel model;
  EXPECT_EQ(measure(model, 1'000).share, 0);
  ASSERT_TRUE(model.set(1, 1));
  EXPECT_EQ(measure(model, 1'000).share, 1);
}

TEST(LossModelTest, RefusesWhatNoChainGives) {
  LossModel model;
  EXPECT_FALSE(model.set(0.9, 2));  // needs runs of at least 9
  EXPECT_FALSE(model.set(-0.1, 1));
  EXPECT_FALSE(model.set(1.1, 1));
  EXPECT_EQ(model.mean(), 0);
}

TEST(PathTest, CountsMediaByItsSize) {
  Path path(7);
  ASSERT_TRUE(path.loss.set(0.5, 1));
  uint64_t lost = 0;
  for (int i = 0; i < 100; ++i) {
    lost += !path.carry(at_ms(i), kLargePacket);
    path.carry(at_ms(i), kLargePacket - 1);
  }
  path.cut_until = Instant::never();
  path.carry(at_ms(100), kLargePacket);
  EXPECT_EQ(path.counters.large_in, 101U);
  EXPECT_EQ(path.counters.large_lost, lost + 1);
  EXPECT_GT(path.counters.lost, lost);
}

TEST(PathTest, JitterKeepsTheOrderAndTheBounds) {
  Path path(7);
  path.delay = Duration::millis(20);
  path.jitter = Duration::millis(10);
  Instant last;
  bool varied = false;
  for (int i = 0; i < 2'000; ++i) {
    const Instant sent = Instant::from_us(i * 500);
    const Instant arrival = path.carry(sent, 100).value();
    EXPECT_GE(arrival, last);
    EXPECT_GE(arrival - sent, Duration::millis(20));
    EXPECT_LE(arrival - sent, Duration::millis(30));
    varied |= arrival - sent < Duration::millis(27);
    last = arrival;
  }
  EXPECT_TRUE(varied);
}

TEST(PathTest, ReorderingJitterDoesNotKeepTheOrder) {
  Path path(7);
  path.reorder = Duration::millis(10);
  int overtaken = 0;
  Instant last;
  for (int i = 0; i < 1'000; ++i) {
    const Instant arrival = path.carry(Instant::from_us(i * 500), 100).value();
    overtaken += arrival < last;
    last = arrival;
  }
  EXPECT_GT(overtaken, 300);
}

TEST(PathTest, ACutEndsByItself) {
  Path path(7);
  path.cut_until = at_ms(100);
  EXPECT_EQ(path.carry(at_ms(99), 100), std::nullopt);
  EXPECT_NE(path.carry(at_ms(100), 100), std::nullopt);
  EXPECT_EQ(path.counters.cut_drops, 1u);
  EXPECT_EQ(path.counters.packets_in, 2u);
}

TEST(PathTest, CountsLossesAndTheirRuns) {
  Path path(7);
  ASSERT_TRUE(path.loss.set(0.2, 5));
  for (int i = 0; i < 50'000; ++i) path.carry(at_ms(i), 100);
  const PathCounters& c = path.counters;
  EXPECT_EQ(c.packets_in, 50'000u);
  EXPECT_EQ(c.bytes_in, 5'000'000u);
  EXPECT_NEAR(static_cast<double>(c.lost) / 50'000, 0.2, 0.02);
  EXPECT_NEAR(static_cast<double>(c.lost) / static_cast<double>(c.loss_runs), 5, 0.4);
}

}  // namespace
}  // namespace swarmcast::wan
