// Scenarios: who becomes whose parent, and how fast a torn tree is whole again.
#include "engine/overlay/overlay.h"

#include <gtest/gtest.h>

#include "engine/overlay/overlay_world.h"

namespace swarmcast::overlay {
namespace {

constexpr size_t kSource = World::kSource;
constexpr Duration operator""_ms(unsigned long long n) { return Duration::millis(int64_t(n)); }
constexpr Duration operator""_s(unsigned long long n) { return Duration::seconds(int64_t(n)); }

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
  EXPECT_EQ(world.overlay(peer).position().depth, 1);
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
  const auto helpers = world.join_many(8);
  EXPECT_TRUE(world.run_until([&] { return world.all_fed(); }, 10_s)) << world.tree();
  world.run_for(20_s);
  EXPECT_TRUE(world.all_fed());
  EXPECT_LE(world.children(kSource).size(), 4u) << "guests have found places of their own";
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

// A chain below the source, each the only parent of the next.
std::vector<size_t> chain(World& world, size_t hops) {
  std::vector<size_t> out;
  for (size_t i = 0; i < hops; ++i) {
    const size_t entry = out.empty() ? kSource : out.back();
    out.push_back(world.join({.entry = entry, .max_children = 1, .parent_only = true}));
    world.run_for(1_s);
  }
  return out;
}

TEST(Depth, AChainOfParentOnlyPeersKeepsToItsEntries) {
  World world;
  const auto peers = chain(world, 7);
  world.run_for(20_s);
  for (size_t i = 0; i < peers.size(); ++i) {
    EXPECT_TRUE(world.fed(peers[i]));
    EXPECT_EQ(world.parent(peers[i]), i ? peers[i - 1] : kSource);
    EXPECT_EQ(world.overlay(peers[i]).position().depth, i + 1);
    EXPECT_FALSE(world.overlay(peers[i]).has_backup());
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

// Of the living peers, is there one that could serve `peer` and hangs neither below it nor is it?
bool backup_exists(const World& world, size_t peer) {
  const auto all = world.living();
  return std::ranges::any_of(all, [&](size_t other) {
    return other != world.parent(peer) && !world.is_below(other, peer) &&
           world.overlay(other).position().depth < kMaxDepth;
  });
}

TEST(Backup, EveryoneHasOneThatIsNotBelow) {
  size_t poor = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    World world({.seed = seed});
    const auto peers = world.join_many(60);
    world.run_for(15_s);
    for (size_t i : peers) {
      EXPECT_TRUE(world.overlay(i).has_backup() || !backup_exists(world, i)) << world.where(i);
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
      EXPECT_TRUE(world.overlay(i).has_backup() || !backup_exists(world, i))
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
  const LinkId link = *world.overlay(child).parent();
  world.overlay(child).on_parent_silent(world.now(), link);
  world.overlay(child).on_parent_speaks(link);
  world.run_for(5_s);
  EXPECT_EQ(world.overlay(child).parent(), link);
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

bool all_count(const World& world, uint32_t witnesses) {
  const auto all = world.living();
  return std::ranges::all_of(
      all, [&](size_t i) { return world.overlay(i).position().swarm_witnesses == witnesses; });
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
  world.overlay(peers[0]).set_parent_loss(0.3);
  world.overlay(peers[1]).set_parent_loss(0.0);
  world.overlay(peers[2]).set_parent_loss(0.6);
  world.run_for(4_s);
  EXPECT_NEAR(world.overlay(kSource).subtree_loss(), 0.3, 0.02);
}

TEST(Witnesses, AChildThatClaimsAnAbsurdNumberHarmsNobody) {
  World world;
  const size_t peer = world.join();
  world.run_for(2_s);
  const LinkId link = world.overlay(kSource).neighbours().begin()->link;
  const wire::body::Report claim{.witnesses = ~0u, .peers = ~0u, .loss = 255};
  world.overlay(kSource).on_body(world.now(), link, claim);
  EXPECT_EQ(world.overlay(kSource).position().swarm_witnesses, ~0u);
  EXPECT_LE(world.overlay(kSource).subtree_loss(), 1.01);
  world.run_for(3_s);
  EXPECT_EQ(world.overlay(peer).position().swarm_witnesses, 1u) << "the next report is believed";
}

TEST(Traffic, ASettledSwarmIsQuiet) {
  World world;
  world.join_many(60);
  world.run_for(30_s);
  uint64_t changes = 0;
  for (size_t i : world.living()) changes += world.parent_changes(i);
  const uint64_t before = world.messages();
  world.run_for(60_s);
  const double rate =
      static_cast<double>(world.messages() - before) / 60 / static_cast<double>(world.links());
  std::printf("%.2f messages a second on each of %zu links\n", rate, world.links());
  EXPECT_LE(rate, 3);
  for (size_t i : world.living()) changes -= world.parent_changes(i);
  EXPECT_EQ(changes, 0u) << "nobody moves without a reason";
}

// Joins, leaves, deaths and broken links at random; whatever happens, check_safety() holds all the
// time, and once it is quiet everybody has the stream again.
void churn(uint64_t seed) {
  World world({.seed = seed,
               .max_delay = Duration::millis(20 + static_cast<int64_t>(seed % 5) * 20),
               .jitter = Duration::millis(static_cast<int64_t>(seed % 3) * 15)},
              1 + seed % 5);
  Prng& random = world.random();
  const auto one_of = [&](const std::vector<size_t>& v) { return v[random.below(v.size())]; };
  for (int step = 0; step < 120; ++step) {
    const auto all = world.living();
    const size_t victim = one_of(all);
    const double dice = random.uniform();
    if (all.size() < 8 || (dice < 0.5 && all.size() < 45)) {
      const bool capable = random.chance(0.8);
      world.join({.max_children = capable ? 1 + random.below(4) : 0, .dialable = capable});
    } else if (dice < 0.65) {
      world.join({.entry = world.dialable(victim) ? victim : kSource, .max_children = 3});
    } else if (victim == kSource) {
      continue;
    } else if (dice < 0.75) {
      world.leave(victim);
    } else if (dice < 0.85) {
      world.kill(victim, Death::kNoticed);
    } else if (dice < 0.95) {
      world.kill(victim, Death::kSilent);
    } else if (const auto parent = world.parent(victim)) {
      world.cut(victim, *parent);
    }
    world.run_for(Duration::millis(static_cast<int64_t>(random.below(400))));
    ASSERT_FALSE(testing::Test::HasFatalFailure()) << "churn seed " << seed;
  }
  // A newcomer whose entry died before it could help knows nobody else.
  const auto settled = [&] {
    const auto all = world.living();
    return std::ranges::all_of(all, [&](size_t i) {
      return world.fed(i) || (world.parent_changes(i) == 0 && !world.fed(world.entry(i)));
    });
  };
  world.run_until(settled, 10_s);
  ASSERT_TRUE(settled()) << "churn seed " << seed << ": " << world.tree();
  world.run_for(5_s);
  ASSERT_TRUE(settled()) << "churn seed " << seed << ": " << world.tree();
  world.expect_agreement();
  world.run_for(20_s);
  const auto changes = [&] {
    uint64_t sum = 0;
    for (size_t i : world.living()) sum += world.parent_changes(i);
    return sum;
  };
  const uint64_t before = changes();
  world.run_for(30_s);
  EXPECT_EQ(changes(), before) << "churn seed " << seed << ": the tree does not come to rest";
}

// Twenty-five seeds each, so that none of the tests takes long.
class Churn : public testing::TestWithParam<uint64_t> {};
TEST_P(Churn, HealsAndComesToRest) {
  for (uint64_t i = 1; i <= 25 && !HasFailure(); ++i) churn(GetParam() * 25 + i);
}
INSTANTIATE_TEST_SUITE_P(Seeds, Churn, testing::Range(uint64_t{0}, uint64_t{10}));

}  // namespace
}  // namespace swarmcast::overlay
