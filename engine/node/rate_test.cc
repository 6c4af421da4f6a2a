// Shedding, seen from both ends of a link that is too slow for the stream.
#include <gtest/gtest.h>

#include "engine/node/world_for_test.h"

namespace swarmcast::node {
namespace {

constexpr size_t kShedFrame = 5'000;  // 20 a second: 0.9 Mbit/s with key frames

// Source, relay, viewer; the source's uplink takes `rate` and has a queue of half a second.
struct NarrowTree {
  explicit NarrowTree(DataRate first_rate) : rate(first_rate) {
    source = world.add_source();
    relay = world.add_peer(source, {.role = Role::kRelay, .parent_only = true});
    world.run_for(Duration::seconds(1));
    viewer = world.add_peer(relay, {.parent_only = true});
    world.run_for(Duration::seconds(1));
    world.network = [this](size_t from, size_t, size_t bytes) -> std::optional<Duration> {
      const Duration way = Duration::millis(10);
      if (from != source) return way;
      const Instant start = std::max(free_at, world.now());
      if (start - world.now() > Duration::millis(500)) return std::nullopt;
      free_at = start + rate.time_to_send(static_cast<int64_t>(bytes));
      return free_at - world.now() + way;
    };
    world.publish_every(source, Duration::millis(50), kShedFrame);
  }
  int shedding(size_t node) { return world.engine(node).stats(world.now()).shedding; }

  World world{1};
  DataRate rate;
  Instant free_at;
  size_t source = 0, relay = 0, viewer = 0;
};

TEST(Shedding, IsToldToChildrenAndTheirs) {
  NarrowTree tree(DataRate::kbps(700));
  const auto all_shed = [&] {
    return tree.shedding(tree.relay) > 0 && tree.shedding(tree.viewer) > 0;
  };
  EXPECT_TRUE(tree.world.run_until_true(all_shed, Duration::seconds(20)));
  const size_t before = tree.world.node(tree.viewer).shown.size();
  tree.world.run_for(Duration::seconds(10));
  EXPECT_GT(tree.world.node(tree.viewer).shown.size(), before + 20) << "the base layer goes on";
}

TEST(Shedding, EndsWithItsReason) {
  NarrowTree tree(DataRate::kbps(700));
  const auto shed = [&] { return tree.shedding(tree.viewer) > 0; };
  ASSERT_TRUE(tree.world.run_until_true(shed, Duration::seconds(20)));
  tree.rate = DataRate::kbps(20'000);
  tree.world.run_for(Duration::seconds(20));
  EXPECT_EQ(tree.shedding(tree.relay), 0);
  EXPECT_EQ(tree.shedding(tree.viewer), 0);
}

// Two relays below the source; the viewer came in through the one whose uplink gets narrow.
TEST(Shedding, MakesAChildLookForABetterParent) {
  World w(2);
  const size_t source = w.add_source({.max_places = 2 * kStripes});
  const size_t narrow = w.add_peer(source, {.role = Role::kRelay, .max_places = 1 * kStripes});
  const size_t wide = w.add_peer(source, {.role = Role::kRelay});
  w.publish_every(source, Duration::millis(50), kShedFrame);
  w.run_for(Duration::seconds(2));
  const size_t viewer = w.add_peer(narrow);
  w.run_for(Duration::seconds(2));
  uint64_t from_narrow = 0, from_wide = 0;  // messages to the viewer
  w.tap = [&](size_t from, size_t to, std::vector<uint8_t>&) {
    from_narrow += from == narrow && to == viewer;
    from_wide += from == wide && to == viewer;
    return true;
  };
  w.run_for(Duration::seconds(2));
  ASSERT_GT(from_narrow, 5 * from_wide) << "the viewer is not where the test wants it";

  Instant free_at;
  w.network = [&](size_t from, size_t, size_t bytes) -> std::optional<Duration> {
    const Duration way = Duration::millis(10);
    if (from != narrow) return way;
    const Instant start = std::max(free_at, w.now());
    if (start - w.now() > Duration::millis(500)) return std::nullopt;
    free_at = start + DataRate::kbps(500).time_to_send(static_cast<int64_t>(bytes));
    return free_at - w.now() + way;
  };
  w.run_for(Duration::seconds(20));
  from_narrow = from_wide = 0;
  w.run_for(Duration::seconds(5));
  EXPECT_GT(from_wide, 5 * from_narrow);
  EXPECT_EQ(w.engine(viewer).stats(w.now()).shedding, 0);
}

// A phone that is busy with other things reads late. That is no queue in the network.
TEST(Shedding, DoesNotHappenWhereAHostIsSlowToRead) {
  NarrowTree tree(DataRate::kbps(20'000));
  tree.world.run_for(Duration::seconds(5));
  tree.world.reading_delay = [&](size_t to) {
    return to == tree.relay ? Duration::millis(70) : Duration();
  };
  const DataRate before = tree.world.engine(tree.source).stats(tree.world.now()).send_rate;
  tree.world.run_for(Duration::seconds(10));
  EXPECT_GE(tree.world.engine(tree.source).stats(tree.world.now()).send_rate, before);
  EXPECT_EQ(tree.shedding(tree.relay), 0);
}

TEST(Shedding, DoesNotHappenWhereThereIsRoom) {
  NarrowTree tree(DataRate::kbps(20'000));
  for (int i = 0; i < 100; ++i) {
    tree.world.run_for(Duration::millis(100));
    ASSERT_EQ(tree.shedding(tree.relay), 0) << i;
  }
}

}  // namespace
}  // namespace swarmcast::node
