// Scenarios: backups, and how fast a torn tree is whole again.
#include <gtest/gtest.h>

#include <cstdio>

#include "engine/overlay/world_for_test.h"

namespace swarmcast::overlay {
namespace {

// Of the living peers, is there one that could serve `peer` and hangs neither below it nor is it?
bool backup_exists(const World& world, size_t peer) {
  const auto all = world.living();
  return std::ranges::any_of(all, [&](size_t other) {
    return other != world.parent(peer) && !world.is_below(other, peer) &&
           world.overlay(other).tree().position().depth < kMaxDepth;
  });
}

TEST(Backup, EveryoneHasOneThatIsNotBelow) {
  size_t poor = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    World world({.seed = seed});
    const auto peers = world.join_many(60);
    world.run_for(15_s);
    for (size_t i : peers) {
      EXPECT_TRUE(world.overlay(i).tree().has_backup() || !backup_exists(world, i))
          << world.where(i);
      const auto backup = world.backup(i);
      if (!backup) continue;
      EXPECT_FALSE(world.is_below(*backup, i)) << world.where(i);
      const bool below_the_source = world.parent(i) == kSource;
      poor += !below_the_source && world.is_below(*backup, *world.parent(i));
    }
  }
  EXPECT_LE(poor, 20 * 60 / 100u) << "backups that die with the parent";
  std::printf("%zu backups of %d die with the parent\n", poor, 20 * 60);
}

TEST(Backup, SmallSwarms) {
  for (size_t count = 1; count <= 9; ++count) {
    World world({.seed = count});
    const auto peers = world.join_many(count);
    world.run_for(15_s);
    for (size_t i : peers)
      EXPECT_TRUE(world.overlay(i).tree().has_backup() || !backup_exists(world, i))
          << world.where(i) << " of " << count << ": " << world.tree();
  }
}

TEST(Failover, KillingAnyInteriorPeerIsHealedInHalfASecond) {
  for (Death death : {Death::kNoticed, Death::kSilent}) {
    for (size_t victim = 1; victim <= 40; ++victim) {
      World world({.seed = victim});
      world.join_many(40);
      world.run_for(15_s);
      ASSERT_TRUE(world.all_fed());
      if (world.children(victim).empty()) continue;
      world.kill(victim, death);
      EXPECT_TRUE(world.run_until([&] { return world.all_fed(); }, 500_ms))
          << world.where(victim) << " died: " << world.tree();
      world.run_for(20_s);
      EXPECT_TRUE(world.all_fed());
      world.expect_agreement();
    }
  }
}

TEST(Failover, ThirtyPercentAtOnceHealInSeconds) {
  for (Death death : {Death::kNoticed, Death::kSilent}) {
    // While the transport still holds dead links for live ones, the dead are recommended.
    const Duration limit = death == Death::kNoticed ? 2_s : 3_s;
    Duration worst;
    for (uint64_t seed = 1; seed <= 30; ++seed) {
      World world({.seed = seed});
      const auto peers = world.join_many(60);
      world.run_for(15_s);
      for (size_t i : peers)
        if (world.random().chance(0.3)) world.kill(i, death);
      const Instant start = world.now();
      EXPECT_TRUE(world.run_until([&] { return world.all_fed(); }, limit))
          << world.where(kSource) << ": " << world.tree();
      worst = std::max(worst, world.now() - start);
      world.run_for(20_s);
      EXPECT_TRUE(world.all_fed());
      world.expect_agreement();
    }
    std::printf("healed after %lld ms at worst\n", static_cast<long long>(worst.ms()));
  }
}

TEST(Failover, ALeavingPeersChildrenMoveAtOnce) {
  World world;
  const auto peers = world.join_many(20);
  world.run_for(15_s);
  const auto interior =
      std::ranges::find_if(peers, [&](size_t i) { return !world.children(i).empty(); });
  world.leave(*interior);
  EXPECT_TRUE(world.run_until([&] { return world.all_fed(); }, 250_ms)) << world.tree();
}

TEST(Failover, AParentThatSpeaksAgainKeepsItsChildren) {
  World world({.min_delay = 40_ms});
  const auto peers = world.join_many(5);
  world.run_for(10_s);
  const size_t child = peers[0];
  const LinkId link = *world.overlay(child).tree().parent();
  world.overlay(child).on_parent_silent(world.now(), link);
  world.overlay(child).on_parent_speaks(link);
  world.run_for(5_s);
  EXPECT_EQ(world.overlay(child).tree().parent(), link);
  EXPECT_EQ(world.parent_changes(child), 1u);
  world.expect_agreement();
}

TEST(Failover, AMutedParentIsReplacedAndComesBackAsAPeer) {
  World world;
  const auto peers = world.join_many(20);
  world.run_for(15_s);
  const size_t muted =
      *std::ranges::find_if(peers, [&](size_t i) { return world.children(i).size() >= 2; });
  const auto children = world.children(muted);
  world.mute(muted, true);
  EXPECT_TRUE(world.run_until(
      [&] {
        return std::ranges::all_of(
            children, [&](size_t c) { return world.parent(c) != muted && world.fed(c); });
      },
      500_ms))
      << world.tree();
  world.mute(muted, false);
  world.run_for(10_s);
  EXPECT_TRUE(world.all_fed()) << world.tree();
}

TEST(Failover, TheSourceDiesAndEveryoneGivesUpAfterTwoMinutes) {
  for (Death death : {Death::kNoticed, Death::kSilent}) {
    World world;
    const auto peers = world.join_many(30);
    world.run_for(15_s);
    const Instant death_time = world.now();
    world.kill(kSource, death);
    world.run_for(kLostTimeout - 5_s);
    for (size_t i : peers) EXPECT_FALSE(world.failure(i)) << world.where(i);
    const uint64_t before = world.messages();
    world.run_for(5_s);
    EXPECT_LT(world.messages() - before, 30 * 5 * 8u) << "orphans do not shout";
    world.run_for(10_s);
    for (size_t i : peers) EXPECT_EQ(world.failure(i), Failure::kSourceLost) << world.where(i);
    EXPECT_GT(world.now(), death_time);
  }
}

TEST(Failover, TheSourceComesBackIntoReach) {
  World world;
  const auto peers = world.join_many(20);
  world.run_for(15_s);
  world.mute(kSource, true);
  for (size_t i : world.children(kSource)) world.cut(kSource, i);
  world.run_for(30_s);
  world.mute(kSource, false);
  EXPECT_TRUE(world.run_until([&] { return world.all_fed(); }, 10_s)) << world.tree();
}

}  // namespace
}  // namespace swarmcast::overlay
