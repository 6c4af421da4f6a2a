// Scenarios: how a newcomer finds its place.
#include <gtest/gtest.h>

#include "engine/overlay/world_for_test.h"

namespace swarmcast::overlay {
namespace {

// How many levels a tree of `peers` below the source needs when each takes `fan_out` children.
uint8_t best_depth(size_t peers, size_t fan_out) {
  uint8_t depth = 0;
  for (size_t level = fan_out, room = 0; room < peers; level *= fan_out, ++depth) room += level;
  return depth;
}

TEST(Join, AJoinerGetsTheSourceAsParent) {
  World world;
  const size_t peer = world.join();
  EXPECT_TRUE(world.run_until([&] { return world.fed(peer); }, 1_s));
  EXPECT_EQ(world.parent(peer), kSource);
  EXPECT_EQ(world.overlay(peer).tree().position().depth, 1);
}

TEST(Join, TheFifthIsReferredToAChild) {
  World world;
  for (int i = 0; i < 4; ++i) {
    world.join();
    world.run_for(1_s);
  }
  const size_t fifth = world.join();
  EXPECT_TRUE(world.run_until([&] { return world.fed(fifth); }, 1_s));
  EXPECT_NE(world.parent(fifth), kSource);
  EXPECT_EQ(world.parent(*world.parent(fifth)), kSource);
}

TEST(Join, SixtyAtOnceMakeAFlatTree) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    World world({.seed = seed});
    world.join_many(60);
    EXPECT_TRUE(world.run_until([&] { return world.all_fed(); }, 5_s)) << world.tree();
    EXPECT_LE(world.deepest(), best_depth(60, 4) + 1) << world.tree();
    world.run_for(10_s);
    world.expect_agreement();
  }
}

TEST(Join, ATwoLevelReferralTakesLittleTime) {
  World world;
  for (int i = 0; i < 21; ++i) {
    const size_t peer = world.join();
    EXPECT_TRUE(world.run_until([&] { return world.fed(peer); }, 2_s)) << world.where(peer);
    world.run_for(500_ms);
  }
  EXPECT_EQ(world.deepest(), 3);
}

TEST(Join, PeersThatTakeNoChildrenDoNotBlockTheOthers) {
  World world;
  world.join_many(4, {.max_children = 0});
  world.run_for(2_s);
  world.join_many(8);
  EXPECT_TRUE(world.run_until([&] { return world.all_fed(); }, 10_s)) << world.tree();
  world.run_for(20_s);
  EXPECT_TRUE(world.all_fed());
  EXPECT_LE(world.children(kSource).size(), 4u) << "guests have found places of their own";
  world.expect_agreement();
}

// Its two guests' places are taken too, by leaves that failed over from a parent that died.
TEST(Join, GuestsThatTakeNoChildrenDoNotBlockTheOthersEither) {
  World world({}, 2);
  const size_t helper = world.join();
  world.run_for(1_s);
  world.join_many(4, {.max_children = 0});
  world.run_for(5_s);
  world.kill(helper, Death::kNoticed);
  world.run_for(5_s);
  ASSERT_EQ(world.children(kSource).size(), 2 + kGuestPlaces);
  world.join_many(6);
  EXPECT_TRUE(world.run_until([&] { return world.all_fed(); }, 10_s)) << world.tree();
  world.run_for(20_s);
  EXPECT_TRUE(world.all_fed()) << world.tree();
  EXPECT_LE(world.children(kSource).size(), 2u);
  world.expect_agreement();
}

TEST(Join, NobodyIsSentToAPeerThatCannotBeDialled) {
  World world;
  world.join_many(3, {.dialable = false});
  world.run_for(1_s);
  world.join();
  world.run_for(1_s);
  world.join_many(4);
  EXPECT_TRUE(world.run_until([&] { return world.all_fed(); }, 5_s)) << world.tree();
}

TEST(Join, ThroughAnyPeer) {
  World world;
  const size_t first = world.join();
  world.run_for(1_s);
  const size_t second = world.join({.entry = first});
  EXPECT_TRUE(world.run_until([&] { return world.fed(second); }, 1_s));
  EXPECT_EQ(world.parent(second), first);
}

TEST(Join, AnUnreachableEntryIsReportedWithinSeconds) {
  World world;
  const size_t gone = world.join();
  world.run_for(1_s);
  world.kill(gone, Death::kNoticed);
  const size_t peer = world.join({.entry = gone});
  EXPECT_TRUE(world.run_until([&] { return world.failure(peer).has_value(); }, 10_s));
  EXPECT_EQ(world.failure(peer), Failure::kEntryUnreachable);
}

TEST(Join, AFullSwarmIsReported) {
  World world({}, 1);
  world.join({.max_children = 0});
  world.run_for(1_s);
  const size_t peer = world.join({.max_children = 0});
  world.run_until([&] { return world.failure(peer).has_value(); }, 60_s);
  EXPECT_EQ(world.failure(peer), Failure::kSwarmFull);
  EXPECT_LE(world.failed_after(peer), kSwarmFullTimeout + 2_s);
}

TEST(Join, APlaceThatComesFreeInTimeIsTaken) {
  World world({}, 1);
  const size_t first = world.join({.max_children = 0});
  world.run_for(1_s);
  const size_t second = world.join({.max_children = 0});
  world.run_for(5_s);
  world.leave(first);
  EXPECT_TRUE(world.run_until([&] { return world.fed(second); }, 3_s));
}

TEST(Depth, AChainOfParentOnlyPeersKeepsToItsEntries) {
  World world;
  const auto peers = chain(world, 7);
  world.run_for(20_s);
  for (size_t i = 0; i < peers.size(); ++i) {
    EXPECT_TRUE(world.fed(peers[i]));
    EXPECT_EQ(world.parent(peers[i]), i ? peers[i - 1] : kSource);
    EXPECT_EQ(world.overlay(peers[i]).tree().position().depth, i + 1);
    EXPECT_FALSE(world.overlay(peers[i]).tree().has_backup());
    EXPECT_EQ(world.parent_changes(peers[i]), 1u);
  }
}

TEST(Depth, TheEighthHopIsRefused) {
  World world;
  const auto peers = chain(world, 7);
  const size_t eighth = world.join({.entry = peers.back(), .parent_only = true});
  world.run_until([&] { return world.failure(eighth).has_value(); }, 60_s);
  EXPECT_EQ(world.failure(eighth), Failure::kSwarmFull);
}

TEST(Depth, AParentOnlyPeerComesBackWhenItsEntryDoes) {
  World world;
  const auto peers = chain(world, 2);
  world.cut(kSource, peers[0]);
  world.run_for(100_ms);
  EXPECT_FALSE(world.fed(peers[1]));
  EXPECT_TRUE(world.run_until([&] { return world.all_fed(); }, 2_s)) << world.tree();
  EXPECT_EQ(world.parent(peers[1]), peers[0]) << "it waited";
}

}  // namespace
}  // namespace swarmcast::overlay
