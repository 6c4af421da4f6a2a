// Scenarios: what the tree tells of itself, and at what cost.
#include <gtest/gtest.h>

#include <cstdio>

#include "engine/overlay/world_for_test.h"

namespace swarmcast::overlay {
namespace {

void set_loss(World& world, size_t peer, double loss) {
  world.overlay(peer).set_parent_loss(*world.overlay(peer).any_parent(), loss);
}

bool all_count(const World& world, uint32_t witnesses) {
  const auto all = world.living();
  return std::ranges::all_of(all, [&](size_t i) {
    return world.overlay(i).tree().position().swarm_witnesses == witnesses;
  });
}

TEST(Witnesses, EveryPeerKnowsTheirNumberWithinThreeSeconds) {
  World world;
  world.join_many(30);
  world.join_many(3, {.witness = false});
  world.run_for(10_s);
  EXPECT_TRUE(all_count(world, 30));
  const size_t last = world.join();
  EXPECT_TRUE(world.run_until([&] { return world.fed(last) && all_count(world, 31); }, 3_s));
  world.leave(last);
  EXPECT_TRUE(world.run_until([&] { return all_count(world, 30); }, 3_s));
  size_t interior = 0;
  for (size_t i = 1; i <= 30; ++i)
    if (!world.children(i).empty()) interior = i;
  world.kill(interior, Death::kNoticed);
  EXPECT_TRUE(world.run_until([&] { return all_count(world, 29); }, 3_s));
}

TEST(Witnesses, AlongTheLongestChain) {
  World world;
  const auto peers = chain(world, 7);
  const size_t extra = world.join();
  EXPECT_TRUE(world.run_until([&] { return all_count(world, 8); }, 3_s));
  world.leave(extra);
  EXPECT_TRUE(world.run_until([&] { return all_count(world, 7); }, 3_s));
}

TEST(Loss, IsTheMeanOverTheTree) {
  World world;
  const auto peers = chain(world, 3);
  set_loss(world, peers[0], 0.3);
  set_loss(world, peers[1], 0.0);
  set_loss(world, peers[2], 0.6);
  world.run_for(4_s);
  EXPECT_NEAR(world.overlay(kSource).subtree_loss(), 0.3, 0.02);
}

// Else the source would add all the parity it may, for one that lies.
TEST(Loss, OneThatClaimsMillionsDoesNotOutweighAllOthers) {
  World world;
  world.join_many(30);
  world.run_for(10_s);
  for (size_t peer = 1; peer <= 30; ++peer) set_loss(world, peer, 0.02);
  world.run_for(4_s);
  auto& source = world.overlay(kSource);
  const double honest = source.subtree_loss();
  EXPECT_NEAR(honest, 0.02, 0.01);
  ASSERT_GE(world.children(kSource).size(), 3u);
  const LinkId link = source.tree().neighbours().begin()->link;
  source.on_body(world.now(), link, wire::body::Report{.peers = 50'000'000, .loss = 255});
  EXPECT_LE(source.subtree_loss(), 0.05);
}

TEST(Witnesses, AChildThatClaimsAnAbsurdNumberHarmsNobody) {
  World world;
  const size_t peer = world.join();
  world.run_for(2_s);
  const LinkId link = world.overlay(kSource).tree().neighbours().begin()->link;
  const wire::body::Report claim{.witnesses = ~0u, .peers = ~0u, .loss = 255};
  world.overlay(kSource).on_body(world.now(), link, claim);
  EXPECT_EQ(world.overlay(kSource).tree().position().swarm_witnesses, ~0u);
  EXPECT_LE(world.overlay(kSource).subtree_loss(), 1.01);
  world.run_for(3_s);
  EXPECT_EQ(world.overlay(peer).tree().position().swarm_witnesses, 1u)
      << "the next report is believed";
}

TEST(Traffic, ASettledSwarmIsQuiet) {
  World world;
  world.join_many(60);
  world.run_for(30_s);
  const uint64_t changes = world.all_parent_changes();
  const uint64_t before = world.messages();
  world.run_for(60_s);
  const double rate =
      static_cast<double>(world.messages() - before) / 60 / static_cast<double>(world.links());
  std::printf("%.2f messages a second on each of %zu links\n", rate, world.links());
  EXPECT_LE(rate, 1.8);
  EXPECT_EQ(world.all_parent_changes(), changes) << "nobody moves without a reason";
}

}  // namespace
}  // namespace swarmcast::overlay
