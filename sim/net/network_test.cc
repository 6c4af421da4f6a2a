#include "sim/net/network.h"

#include <gtest/gtest.h>

namespace swarmcast::sim {
namespace {

constexpr Instant kStart = Instant::from_ms(1'000);

TEST(DelayMapTest, DelaysArePlausible) {
  Prng prng(1);
  std::vector<Place> places;
  for (int i = 0; i < 400; ++i) places.push_back(draw_place(prng));
  int64_t sum = 0, pairs = 0;
  for (const Place& a : places) {
    for (const Place& b : places) {
      const Duration d = one_way_delay(a, b);
      EXPECT_GE(d, Duration::millis(10));
      EXPECT_LE(d, Duration::millis(100));
      EXPECT_EQ(d, one_way_delay(b, a));
      sum += d.us();
      ++pairs;
    }
  }
  EXPECT_NEAR(static_cast<double>(sum) / static_cast<double>(pairs), 40'000, 5'000);
}

class NetworkTest : public testing::Test {
 protected:
  // Two hosts and the way from the first to the second.
  void connect(const PathModel& model, const HostLines& lines = {}) {
    network_.emplace(1, model);
    const HostId a = network_->add_host(lines), b = network_->add_host(lines);
    path_ = network_->open_path(a, b);
  }
  std::optional<Network> network_;
  PathId path_ = 0;
};

TEST_F(NetworkTest, APacketTakesTheUplinksTimeAndTheDelay) {
  connect({}, {.up = DataRate::kbps(800)});
  const auto arrivals = network_->send(kStart, path_, 1'000 - kPacketOverhead);
  ASSERT_EQ(arrivals.count, 1);
  EXPECT_EQ(arrivals.at[0] - kStart, Duration::millis(10) + network_->delay(0, 1));
}

TEST_F(NetworkTest, AFullUplinkDropsAtTheTail) {
  connect({}, {.up = DataRate::kbps(800), .queue = Duration::millis(95)});
  int arrived = 0;
  for (int i = 0; i < 20; ++i)
    arrived += network_->send(kStart, path_, 1'000 - kPacketOverhead).count;
  EXPECT_EQ(arrived, 10);  // the eleventh would wait for 100 ms
  EXPECT_EQ(network_->queue_drops(), 10u);
}

TEST_F(NetworkTest, ADownlinkQueuesToo) {
  connect({}, {.down = DataRate::kbps(800), .queue = Duration::millis(15)});
  EXPECT_EQ(*network_->receive(kStart, 1, 943) - kStart, Duration::millis(10));
  EXPECT_EQ(*network_->receive(kStart, 1, 943) - kStart, Duration::millis(20));
  EXPECT_FALSE(network_->receive(kStart, 1, 943));
  EXPECT_EQ(network_->time_down(1, 943), Duration::millis(10));
}

TEST_F(NetworkTest, LosesAsOftenAndInSuchRunsAsItIsTold) {
  connect({.loss = 0.1, .burst = 4});
  const int sent = 200'000;
  int lost = 0, runs = 0;
  bool before = false;
  for (int i = 0; i < sent; ++i) {
    const bool now = network_->send(kStart, path_, 100).count == 0;
    lost += now;
    runs += now && !before;
    before = now;
  }
  EXPECT_NEAR(static_cast<double>(lost) / sent, 0.1, 0.005);
  EXPECT_NEAR(static_cast<double>(lost) / runs, 4, 0.2);
}

TEST_F(NetworkTest, ReordersAndDuplicatesAsOftenAsItIsTold) {
  connect({.reordered = 0.1, .reorder = Duration::millis(20), .duplicated = 0.05});
  int overtaken = 0, twice = 0;
  Instant last;
  const int sent = 50'000;
  for (int i = 0; i < sent; ++i) {
    const auto a = network_->send(kStart + Duration::millis(30 * i), path_, 100);
    const auto b = network_->send(kStart + Duration::millis(30 * i), path_, 100);
    overtaken += b.at[0] < a.at[0];
    twice += a.count == 2;
  }
  EXPECT_NEAR(static_cast<double>(overtaken) / sent, 0.095, 0.01);
  EXPECT_NEAR(static_cast<double>(twice) / sent, 0.05, 0.005);
}

TEST_F(NetworkTest, JitterKeepsTheOrder) {
  connect({.jitter = Duration::millis(30)});
  Instant last;
  for (int i = 0; i < 1'000; ++i) {
    const auto a = network_->send(kStart + Duration::millis(i), path_, 100);
    EXPECT_GE(a.at[0], last);
    last = a.at[0];
  }
}

TEST_F(NetworkTest, ACutHostNeitherSendsNorReceives) {
  connect({});
  network_->cut(0, kStart + Duration::millis(5));
  network_->cut(1, kStart + Duration::millis(5));
  EXPECT_EQ(network_->send(kStart, path_, 100).count, 0);
  EXPECT_FALSE(network_->receive(kStart, 1, 100));
  EXPECT_EQ(network_->send(kStart + Duration::millis(5), path_, 100).count, 1);
}

}  // namespace
}  // namespace swarmcast::sim
