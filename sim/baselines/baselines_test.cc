// Each baseline on networks that spare it, and on one that does not.
#include <gtest/gtest.h>

#include "sim/baselines/baseline_run.h"

namespace swarmcast::sim {
namespace {

// Pulls take a while.
constexpr Duration kAmplePlayout = Duration::millis(1'500);

Scenario small() {
  Scenario s = scenarios().front();
  s.viewers = 20;
  s.seconds = 4;
  s.rate = DataRate::kbps(800);
  s.uplinks.factor = 12;
  s.join_span = Duration::seconds(2);
  return s;
}

std::string text(const Summary& s) {
  std::string out;
  for (const double v : {s.network_p50_ms.value_or(-1), s.network_p99_ms.value_or(-1), s.hops_mean,
                         s.on_time, s.stall_share, s.overhead, s.duplicates, s.uplink_used})
    out += std::to_string(v) + " ";
  return out;
}

Summary play(const Scenario& s, std::string_view name) {
  return BaselineRun(s, *find_baseline(name)).run();
}

class BaselineTest : public testing::TestWithParam<std::string_view> {};

TEST_P(BaselineTest, DeliversEverythingOnAPerfectNetwork) {
  Scenario s = small();
  s.loss = s.reordered = s.duplicated = 0;
  s.jitter = Duration();
  s.uplinks.down = 50;
  s.playout = kAmplePlayout;
  const Summary out = play(s, GetParam());
  EXPECT_EQ(out.viewers, s.viewers);
  EXPECT_EQ(out.on_time, 1) << text(out);
  EXPECT_EQ(out.stall_share, 0);
  EXPECT_GE(out.hops_mean, 1);
  EXPECT_LT(out.network_p99_ms.value_or(1e9), 1'000);
  EXPECT_EQ(out.p50_ms, static_cast<double>((kAmplePlayout + kDeviceTime).ms()));
}

TEST_P(BaselineTest, ASeedIsOneHistory) {
  Scenario s = small();
  s.life = Duration::seconds(20);
  s.outages_a_minute = 6;
  const std::string first = text(play(s, GetParam()));
  EXPECT_EQ(first, text(play(s, GetParam())));
  s.seed = 2;
  EXPECT_NE(first, text(play(s, GetParam())));
}

TEST_P(BaselineTest, LosesSomethingUnderStress) {
  Scenario s = small();
  s.loss = 0.3;
  s.burst = 4;
  s.uplinks.factor = 1;
  const Summary out = play(s, GetParam());
  EXPECT_LT(out.on_time, 0.99) << text(out);
}

TEST_P(BaselineTest, GoesOnAfterAThirdHasVanished) {
  Scenario s = small();
  s.vanishing = 0.3;
  s.seconds = 10;
  s.uplinks.down = 50;
  s.playout = kAmplePlayout;
  const Summary out = play(s, GetParam());
  EXPECT_LT(out.viewers, s.viewers);
  EXPECT_GT(out.on_time, 0.9) << text(out);
}

std::vector<std::string_view> names() {
  std::vector<std::string_view> out;
  for (const Baseline& b : baselines()) out.push_back(b.name);
  return out;
}
INSTANTIATE_TEST_SUITE_P(All, BaselineTest, testing::ValuesIn(names()), [](const auto& about) {
  std::string name(about.param);
  std::erase(name, '-');
  return name;
});

TEST(BaselinesTest, TimeOutsTakeLongerThanNaks) {
  Scenario s = small();
  s.loss = 0.05;
  const Summary naks = play(s, "push-tree"), time_outs = play(s, "timeout-repair");
  EXPECT_GT(naks.on_time, time_outs.on_time);
  EXPECT_LT(naks.network_p95_ms.value_or(1e9), time_outs.network_p95_ms.value_or(1e9));
}

TEST(StoreTest, IsDecodableWhenAllThatItRefersToIs) {
  const auto at = [](int64_t ms) { return Instant::from_ms(ms); };
  const Stream stream = {{.fragments = 2, .payload = 100, .key = true},
                         {.payload = 10, .depends_on = 1}};
  Store store(stream);
  EXPECT_TRUE(store.add({1, 0}, at(1)));
  EXPECT_TRUE(store.add({0, 1}, at(2)));
  EXPECT_FALSE(store.decodable(1));
  EXPECT_FALSE(store.add({0, 1}, at(3)));
  EXPECT_TRUE(store.add({0, 0}, at(4)));
  EXPECT_EQ(store.decodable(0), at(4));
  EXPECT_EQ(store.decodable(1), at(4));
  EXPECT_EQ(store.fresh, 210u);
  EXPECT_EQ(store.again, 100u);
}

}  // namespace
}  // namespace swarmcast::sim
