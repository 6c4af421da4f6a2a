// A source with two interfaces, under virtual time.
#include <gtest/gtest.h>

#include "engine/base/byte_io.h"
#include "engine/node/world_for_test.h"
#include "engine/wire/body/also_at.h"
#include "engine/wire/envelope.h"

namespace swarmcast::node {
namespace {

constexpr size_t kTwoWaysFrame = 12'500;
const Endpoint kSecond{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 77, 0, 1}, 7'777};

// Two ways to the source; the viewer fixes its playout, so that a stall shows as late frames.
struct TwoWays {
  explicit TwoWays(uint64_t seed, std::vector<Endpoint> others = {kSecond}) : w(seed) {
    w.default_link.one_way = Duration::millis(20);
    source = w.add_source({.other_addresses = others});
    viewer = w.add_peer(source, {.playout = Duration::millis(400)});
    w.publish_every(source, Duration::millis(50), kTwoWaysFrame);
    w.run_for(Duration::seconds(4));
  }
  const Endpoint& first() { return w.node(source).endpoint; }
  FrameCounts frames() { return w.engine(viewer).stats(w.now()).frames; }
  // Bytes over either way during the next `d`.
  std::pair<uint64_t, uint64_t> bytes_during(Duration d) {
    const uint64_t a = w.bytes_over(first()), b = w.bytes_over(kSecond);
    w.run_for(d);
    return {w.bytes_over(first()) - a, w.bytes_over(kSecond) - b};
  }

  World w;
  size_t source = 0, viewer = 0;
};

TEST(MultipathTest, BothWaysCarryHalfOfTheStreamEach) {
  TwoWays t(1);
  const auto [first, second] = t.bytes_during(Duration::seconds(5));
  EXPECT_GT(first, (first + second) * 2 / 5);
  EXPECT_GT(second, (first + second) * 2 / 5);
  // Sent once, not twice: headers, authentication and parity are all that comes on top.
  EXPECT_LT(first + second, 5 * 20 * kTwoWaysFrame * 13 / 10);
  EXPECT_EQ(t.frames().on_time, t.frames().expected);
  EXPECT_EQ(t.w.engine(t.viewer).stats(t.w.now()).peers, 1);
  EXPECT_EQ(t.w.engine(t.viewer).stats(t.w.now()).parents, 1);
  EXPECT_EQ(t.w.engine(t.source).stats(t.w.now()).children, 1);
}

class EitherWay : public ::testing::TestWithParam<bool> {};

TEST_P(EitherWay, AFailingOneCostsNoFrame) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(seed);
    TwoWays t(seed);
    const Endpoint lost = GetParam() ? t.first() : kSecond;
    t.w.cut(lost);
    t.w.run_for(Duration::seconds(10));
    EXPECT_GT(t.frames().expected, 250u);
    EXPECT_EQ(t.frames().on_time, t.frames().expected);
    EXPECT_EQ(t.w.engine(t.viewer).stats(t.w.now()).parents, 1);
    EXPECT_TRUE(t.w.node(t.viewer).ended.empty());
  }
}

TEST_P(EitherWay, AMendedOneIsUsedAgain) {
  TwoWays t(3);
  const Endpoint lost = GetParam() ? t.first() : kSecond;
  t.w.cut(lost);
  t.w.run_for(Duration::seconds(6));
  t.w.mend(lost);
  t.w.run_for(Duration::seconds(8));
  const auto [first, second] = t.bytes_during(Duration::seconds(4));
  EXPECT_GT(first, (first + second) / 3);
  EXPECT_GT(second, (first + second) / 3);
  EXPECT_EQ(t.frames().on_time, t.frames().expected);
}

TEST_P(EitherWay, AShortSilenceOnlyPausesIt) {
  TwoWays t(4);
  const Endpoint lost = GetParam() ? t.first() : kSecond;
  t.w.cut(lost);
  t.w.run_for(Duration::millis(1'200));
  t.w.mend(lost);
  t.w.run_for(Duration::seconds(3));
  const auto [first, second] = t.bytes_during(Duration::seconds(2));
  EXPECT_GT(first, (first + second) / 3);
  EXPECT_GT(second, (first + second) / 3);
  EXPECT_EQ(t.frames().on_time, t.frames().expected);
}

INSTANTIATE_TEST_SUITE_P(Multipath, EitherWay, ::testing::Bool(),
                         [](const auto& i) { return i.param ? "First" : "Second"; });

TEST(MultipathTest, WithNeitherWayTheViewerLooksElsewhere) {
  TwoWays t(5);
  const size_t other = t.w.add_peer(t.source, {.role = Role::kRelay});
  t.w.run_for(Duration::seconds(5));
  ASSERT_EQ(t.w.engine(other).stats(t.w.now()).hop, 1);
  t.w.set_link(t.source, t.viewer, {.one_way = Duration::millis(20), .loss = 1});
  ASSERT_TRUE(t.w.run_until_true([&] { return t.w.engine(t.viewer).stats(t.w.now()).hop == 2; },
                                 Duration::seconds(5)));
}

TEST(MultipathTest, AnAddressWhereNobodyAnswersHarmsNothing) {
  World w(6);
  const size_t source = w.add_source({.other_addresses = {kSecond}});
  w.cut(kSecond);
  const size_t viewer = w.add_peer(source);
  w.publish_every(source, Duration::millis(50), kTwoWaysFrame);
  w.run_for(Duration::seconds(20));
  const FrameCounts frames = w.engine(viewer).stats(w.now()).frames;
  EXPECT_GT(frames.expected, 350u);
  EXPECT_EQ(frames.on_time, frames.expected);
}

// Bytes of 10 s over ways that seem silent again and again, and are not.
uint64_t bytes_over_unsteady_ways(uint64_t seed, std::vector<Endpoint> others) {
  TwoWays t(seed, std::move(others));
  Prng rng(seed);
  uint64_t bytes = 0;
  for (int i = 0; i < 100; ++i) {
    const Duration delay = Duration::millis(rng.chance(0.3) ? 250 : 20);
    t.w.set_link(t.source, t.viewer, {.one_way = delay, .jitter = delay / 2, .loss = 0.02});
    const auto [first, second] = t.bytes_during(Duration::millis(100));
    bytes += first + second;
  }
  return bytes;
}

TEST(MultipathTest, UnsteadyWaysAreNoReasonToSendOverAndOver) {
  uint64_t one = 0, two = 0;  // in a single run either may be twice the other
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    one += bytes_over_unsteady_ways(seed, {});
    two += bytes_over_unsteady_ways(seed, {kSecond});
  }
  EXPECT_LT(two, one * 5 / 4);
}

// A hostile parent takes back the address it told before it was dialled there.
TEST(MultipathTest, OtherAddressesThatAreTakenBackAreNotDialled) {
  World w(8);
  const size_t source = w.add_source({.other_addresses = {kSecond}});
  w.cut(kSecond);
  bool taken_back = false;
  w.tap = [&](size_t from, size_t, std::vector<uint8_t>& message) {
    const auto envelope = wire::parse_envelope(message);
    if (from != source || !envelope || taken_back) return true;
    for (ByteSpan rest = envelope->bodies; !rest.empty();) {
      if (wire::take_body(rest)[0] != wire::body::AlsoAt::kType) continue;
      std::array<uint8_t, 64> bytes;
      ByteWriter body(bytes);
      body.u8(wire::body::AlsoAt::kType);
      wire::body::AlsoAt{.count = 1, .endpoints = {w.node(source).endpoint}}.write(body);
      message.push_back(0);
      message.push_back(static_cast<uint8_t>(body.size()));
      message.insert(message.end(), bytes.begin(), bytes.begin() + body.size());
      taken_back = true;
      break;
    }
    return true;
  };
  const size_t viewer = w.add_peer(source);
  w.publish_every(source, Duration::millis(50), kTwoWaysFrame);
  w.run_for(Duration::seconds(12));
  EXPECT_TRUE(taken_back);
  EXPECT_GT(w.engine(viewer).stats(w.now()).frames.on_time, 150u);
}

TEST(MultipathTest, TheEndReachesAViewerOverTwoWays) {
  TwoWays t(7);
  t.w.stop(t.source);
  t.w.run_for(Duration::seconds(4));
  ASSERT_EQ(t.w.node(t.viewer).ended.size(), 1u);
  EXPECT_EQ(t.w.node(t.viewer).ended[0], output::EndReason::kSourceEnded);
  EXPECT_EQ(t.w.node(t.source).ended.size(), 1u);
}

}  // namespace
}  // namespace swarmcast::node
