#include "engine/base/random.h"

#include <gtest/gtest.h>

#include <array>

namespace swarmcast {
namespace {

TEST(Prng, TheSameSeedGivesTheSameNumbers) {
  Prng a(7), b(7), c(8);
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const uint64_t v = a.next();
    EXPECT_EQ(v, b.next());
    differs |= v != c.next();
  }
  EXPECT_TRUE(differs);
}

// xoshiro256** from the state splitmix64(0) gives, as its authors' code prints it: a recorded
// failing seed must fail the same way for ever.
TEST(Prng, IsXoshiro256StarStar) { EXPECT_EQ(Prng(0).next(), 0x99ec5f36cb75f2b4u); }

TEST(Prng, StaysInItsRangeAndFillsIt) {
  Prng random(1);
  std::array<int, 10> buckets{};
  for (int i = 0; i < 100'000; ++i) {
    const double u = random.uniform();
    ASSERT_GE(u, 0);
    ASSERT_LT(u, 1);
    ++buckets[static_cast<size_t>(u * 10)];
    ASSERT_LT(random.below(3), 3u);
  }
  for (int n : buckets) EXPECT_NEAR(n, 10'000, 500);
  EXPECT_FALSE(random.chance(0));
  EXPECT_TRUE(random.chance(1));
}

}  // namespace
}  // namespace swarmcast
