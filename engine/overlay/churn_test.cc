// Any sequence of joins, leaves and failures: safety always, liveness at the end.
#include <gtest/gtest.h>

#include "engine/overlay/world_for_test.h"

namespace swarmcast::overlay {
namespace {

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
  const uint64_t before = world.all_parent_changes();
  world.run_for(30_s);
  EXPECT_EQ(world.all_parent_changes(), before)
      << "churn seed " << seed << ": the tree does not come to rest";
}

// The sanitizers make a seed ten times slower, and find what they find in few.
#ifdef __SANITIZE_ADDRESS__
constexpr uint64_t kSeeds = 5;
#else
constexpr uint64_t kSeeds = 25;
#endif

// Some seeds each, so that none of the tests takes long.
class Churn : public testing::TestWithParam<uint64_t> {};
TEST_P(Churn, HealsAndComesToRest) {
  for (uint64_t i = 1; i <= kSeeds && !HasFailure(); ++i) churn(GetParam() * kSeeds + i);
}
INSTANTIATE_TEST_SUITE_P(Seeds, Churn, testing::Range(uint64_t{0}, uint64_t{10}));

}  // namespace
}  // namespace swarmcast::overlay
