// Scenarios: four trees over the same peers.
#include <gtest/gtest.h>

#include <set>

#include "engine/overlay/world_for_test.h"

namespace swarmcast::overlay {
namespace {

constexpr size_t kStreams = 4;  // that a usual peer can feed

World striped(uint64_t seed, size_t source_streams = kStreams) {
  return World({.seed = seed, .stripes = kMaxStripes}, source_streams * kMaxStripes);
}

// In how many stripes a peer has children.
size_t interior_in(const World& world, size_t i) {
  size_t count = 0;
  for (uint8_t s = 0; s < kMaxStripes; ++s) count += !world.children(i, StripeId(s)).empty();
  return count;
}

TEST(Stripes, AJoinerGetsAllOfThemOverOneLink) {
  World world = striped(1);
  const size_t peer = world.join({.max_children = kStreams * kMaxStripes});
  EXPECT_TRUE(world.run_until([&] { return world.all_fed(); }, 1_s));
  for (uint8_t s = 0; s < kMaxStripes; ++s) EXPECT_EQ(world.parent(peer, StripeId(s)), kSource);
  EXPECT_EQ(world.links(), 1u);
}

// The source can feed one of them only.
TEST(Stripes, TwoPeersCanFeedEachOther) {
  World world = striped(1, 1);
  world.join_many(2, {.max_children = kMaxStripes});
  EXPECT_TRUE(world.run_until([&] { return world.all_fed(); }, 5_s)) << world.tree();
  world.run_for(5_s);
  EXPECT_TRUE(world.all_fed());
  world.expect_agreement();
}

// A hundred peers with uplink for a stream and a half each: nobody could feed two whole children.
TEST(Stripes, EverybodyIsFedFromLittleUplink) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    World world = striped(seed);
    world.join_many(100, {.max_children = 6});
    EXPECT_TRUE(world.run_until([&] { return world.all_fed(); }, 20_s)) << world.tree();
    EXPECT_LE(world.deepest(), 6) << "seed " << seed;
    world.run_for(10_s);
    EXPECT_TRUE(world.all_fed());
    world.expect_agreement();
  }
}

TEST(Stripes, InALargeSwarmMostParentsFeedOneOrTwo) {
  World world = striped(1);
  for (int i = 0; i < 150; ++i) {
    world.join({.max_children = 6});
    world.run_for(200_ms);
  }
  EXPECT_TRUE(world.run_until([&] { return world.all_fed(); }, 20_s)) << world.tree();
  size_t parents = 0, of_few = 0;
  for (size_t i : world.living()) {
    if (i == kSource || interior_in(world, i) == 0) continue;
    ++parents;
    of_few += interior_in(world, i) <= 2;
  }
  EXPECT_GE(of_few * 3, parents * 2) << of_few << " of " << parents;
}

// A peer that fails takes one stripe from most of those below it, so the others have something to
// show, and what is lost is found again soon.
TEST(Stripes, AFailureTakesLittle) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    World world = striped(seed);
    world.join_many(100, {.max_children = 6});
    ASSERT_TRUE(world.run_until([&] { return world.all_fed(); }, 20_s)) << world.tree();
    world.run_for(10_s);
    size_t victim = 1;
    for (size_t i : world.living())
      if (i != kSource && interior_in(world, i) > 0) victim = i;
    world.kill(victim, Death::kSilent);
    EXPECT_TRUE(world.run_until([&] { return world.all_fed(); }, 5_s)) << world.tree();
    world.run_for(10_s);
    world.expect_agreement();
  }
}

TEST(Stripes, AStripeThatIsLostAloneEndsNothing) {
  World world = striped(1, 1);
  const size_t parent = world.join({.max_children = kMaxStripes});
  ASSERT_TRUE(world.run_until([&] { return world.all_fed(); }, 5_s));
  const size_t child = world.join({.max_children = 0});
  ASSERT_TRUE(world.run_until([&] { return world.all_fed(); }, 5_s)) << world.tree();
  world.kill(parent, Death::kNoticed);
  world.run_for(30_s);
  EXPECT_FALSE(world.failure(child)) << "the source has a place again";
  EXPECT_TRUE(world.all_fed()) << world.tree();
}

TEST(Stripes, WhoCannotHaveAllIsTurnedAway) {
  World world = striped(1, 1);
  const size_t first = world.join({.max_children = 2});
  ASSERT_TRUE(world.run_until([&] { return world.all_fed(); }, 5_s));
  const size_t second = world.join({.max_children = 0});
  EXPECT_TRUE(world.run_until([&] { return world.failure(second).has_value(); }, 60_s));
  EXPECT_EQ(world.failure(second), Failure::kSwarmFull);
  EXPECT_FALSE(world.failure(first));
}

}  // namespace
}  // namespace swarmcast::overlay
