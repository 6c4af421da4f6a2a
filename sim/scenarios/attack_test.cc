// A fifth of the peers is hostile: the others keep their picture, and that is noticed where they
// do not.
#include <gtest/gtest.h>

#include <functional>

#include "sim/scenarios/simulation.h"

namespace swarmcast::sim {
namespace {

constexpr double kUsualHostileShare = 0.2;
// Eleven of forty viewers are hostile.
constexpr uint64_t kSeed = 4;

struct Outcome {
  uint64_t seed = 0;
  Summary summary;
  Violations violations;
  Simulation::AttackOutcome attack;
  std::string text() const {
    std::string out = std::to_string(summary.on_time) + " on time, " +
                      std::to_string(attack.peers) + " hostile with " +
                      std::to_string(attack.children) + " children\n";
    for (const Violation& v : violations.kept())
      out += "node " + std::to_string(v.node) + ": " + v.what + "\n";
    return out;
  }
};

Outcome under(AttackKind attack, uint64_t seed, Plant plant = Plant::kNone) {
  Scenario s = *find_scenario("swarm");
  s.viewers = 40;
  s.seconds = 10;
  s.seed = seed;
  s.uplinks.factor = 10;
  s.attack = attack;
  s.hostile = kUsualHostileShare;
  s.plant = plant;
  Simulation run(s);
  Outcome out{.seed = seed};
  out.summary = run.run();
  out.violations = run.violations();
  out.attack = run.attack_outcome();
  return out;
}

// How much of the pictures it may cost the others, against the same peers behaving.
void expect_held(AttackKind attack, double most_lost) {
  for (const uint64_t seed : {1, 4}) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Outcome calm = under(AttackKind::kNone, seed);
    const Outcome attacked = under(attack, seed);
    EXPECT_GT(calm.attack.peers, 0u);
    EXPECT_EQ(attacked.violations.safety(), 0u) << attacked.text();
    EXPECT_GT(attacked.summary.on_time, calm.summary.on_time - most_lost) << attacked.text();
  }
}

TEST(AttackTest, ForgersAreLeftAndNothingOfTheirsIsShown) {
  expect_held(AttackKind::kForge, 0.02);
  EXPECT_EQ(under(AttackKind::kForge, 4).attack.children, 0u);
}
// Withholders have fewer children than one in so many; one may have come just now.
constexpr size_t kFewChildren = 5;

TEST(AttackTest, WithholdersAreLeft) {
  expect_held(AttackKind::kWithhold, 0.05);
  const Outcome left = under(AttackKind::kWithhold, 4);
  EXPECT_LT(left.attack.children * kFewChildren, left.attack.peers) << left.text();
}

// What is held of the others' pictures, and that the attack was under way.
TEST(AttackTest, LiarsCostNoPictures) {
  const Outcome calm = under(AttackKind::kNone, kSeed), lied = under(AttackKind::kLie, kSeed);
  EXPECT_EQ(lied.violations.all(), 0u) << lied.text();
  EXPECT_GT(lied.summary.on_time, calm.summary.on_time - 0.02);
  EXPECT_NE(lied.summary.overhead, calm.summary.overhead) << "nobody lied";
}
TEST(AttackTest, FloodersTakeLittleFromOthers) {
  const Outcome calm = under(AttackKind::kNone, kSeed), flooded = under(AttackKind::kFlood, kSeed);
  EXPECT_EQ(flooded.violations.safety(), 0u) << flooded.text();
  EXPECT_GT(flooded.summary.on_time, calm.summary.on_time - 0.10);
  EXPECT_GT(flooded.summary.overhead, calm.summary.overhead + 0.2) << "nobody flooded";
}
TEST(AttackTest, WhoAsksForAllAgainGetsALimitedShare) {
  expect_held(AttackKind::kNak, 0.05);
  const Outcome calm = under(AttackKind::kNone, kSeed), asked = under(AttackKind::kNak, kSeed);
  EXPECT_GT(asked.summary.overhead, calm.summary.overhead + 0.05) << "nobody asked";
}
TEST(AttackTest, CrawlersAreCountedAndCostLittle) {
  expect_held(AttackKind::kCrawl, 0.03);
  EXPECT_GT(under(AttackKind::kCrawl, kSeed).attack.learned, 10u);
  EXPECT_EQ(under(AttackKind::kNone, kSeed).attack.learned, 0u);
}
TEST(AttackTest, TheEclipsedFindOthers) {
  const Outcome calm = under(AttackKind::kNone, kSeed);
  const Outcome eclipsed = under(AttackKind::kEclipse, kSeed);
  EXPECT_EQ(eclipsed.violations.safety(), 0u) << eclipsed.text();
  EXPECT_GT(eclipsed.summary.on_time, calm.summary.on_time - 0.15);
  EXPECT_LE(eclipsed.attack.children, 3u);
}
TEST(AttackTest, WhoReplaysIsLeft) {
  const Outcome replayed = under(AttackKind::kReplay, kSeed);
  EXPECT_GT(replayed.summary.on_time, 0.95);
  EXPECT_EQ(replayed.attack.children, 0u);
}

// --- what only some seeds have: hostile peers get children, or not

// Whether it is so with one of a few seeds.
bool ever(AttackKind attack, Plant plant, const std::function<bool(const Outcome&)>& is_so) {
  constexpr uint64_t kSeeds = 8;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed)
    if (is_so(under(attack, seed, plant))) return true;
  return false;
}

// Not held yet: who joins through a replayer has no other clock than the replayer's.
TEST(AttackTest, OldPicturesAreNoticed) {
  EXPECT_TRUE(ever(AttackKind::kReplay, Plant::kNone, [](const Outcome& replayed) {
    return replayed.text().find("when it must have been wiped") != std::string::npos;
  }));
}
TEST(AttackTest, WhereNobodyVerifiesItIsNoticed) {
  EXPECT_TRUE(ever(AttackKind::kForge, Plant::kUnverified,
                   [](const Outcome& forged) { return forged.violations.safety() > 0; }));
}
TEST(AttackTest, WhereNobodyLeavesItIsNoticed) {
  for (const AttackKind kind : {AttackKind::kWithhold, AttackKind::kEclipse}) {
    SCOPED_TRACE(name_of(kind));
    EXPECT_TRUE(ever(kind, Plant::kLoyal, [&](const Outcome& loyal) {
      return loyal.summary.on_time < under(kind, loyal.seed).summary.on_time - 0.03;
    }));
  }
}

}  // namespace
}  // namespace swarmcast::sim
