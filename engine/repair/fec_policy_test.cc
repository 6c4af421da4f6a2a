#include "engine/repair/fec_policy.h"

#include <gtest/gtest.h>

#include "engine/base/limits.h"

namespace swarmcast::repair {
namespace {

// A frame of 2 Mbit/s, with time for three rounds of repair.
FecInputs typical(double loss, unsigned temporal_id = 0) {
  return {.k = 13, .temporal_id = temporal_id, .loss = loss, .rounds = 3};
}

TEST(FecPolicy, NoParityWithoutLoss) {
  FecInputs in = typical(0);
  in.rounds = 0;
  EXPECT_EQ(parity_fragments(in), 0u);
}

TEST(FecPolicy, LittleLossIsLeftToNaks) { EXPECT_EQ(parity_fragments(typical(0.01)), 0u); }

TEST(FecPolicy, TheBaseLayerGetsParityFirst) {
  unsigned base = 0, upper = 0;
  for (unsigned k = 1; k <= 40; ++k) {
    FecInputs in = typical(0.10, 0);
    in.k = k;
    base += parity_fragments(in);
    in.temporal_id = 2;
    upper += parity_fragments(in);
  }
  EXPECT_GT(base, upper);
}

TEST(FecPolicy, TheFewerRoundsTheMoreParity) {
  FecInputs in = typical(0.1);
  unsigned last = 0;
  for (unsigned rounds : {3, 2, 1, 0}) {
    in.rounds = rounds;
    EXPECT_GE(parity_fragments(in), last) << rounds;
    last = parity_fragments(in);
  }
  EXPECT_GE(last, 4u);
}

// One frame in 30 would be lost with no more parity than the losses expected, 1.3.
TEST(FecPolicy, WithoutARoundParityAloneMustDo) {
  FecInputs in = typical(0.1);
  in.rounds = 0;
  EXPECT_GE(parity_fragments(in), 5u);
  EXPECT_LE(parity_fragments(in), 8u);
}

// Also where the rounds left would nearly always do, if none were ever late.
TEST(FecPolicy, FewRoundsAreTrustedLess) {
  FecInputs in = typical(0.1);
  in.rounds = 2;
  const unsigned few = parity_fragments(in);
  in.rounds = 3;
  EXPECT_GT(few, parity_fragments(in));
}

// Those that chance makes of independent losses are 1 / (1 - loss) long on average.
TEST(FecPolicy, RunsNoLongerThanByChanceAreNone) {
  for (double loss : {0.1, 0.2, 0.3, 0.4})
    for (unsigned rounds : {0, 1, 2, 3}) {
      FecInputs in = typical(loss);
      in.rounds = rounds;
      const unsigned without = parity_fragments(in);
      in.burst = 1 / (1 - loss);
      EXPECT_EQ(parity_fragments(in), without) << loss << ", " << rounds << " rounds";
    }
}

// However bad the link: the uplink is shared with the picture.
TEST(FecPolicy, ParityIsTwoThirdsOfWhatItProtectsAtMost) {
  for (unsigned k : {1u, 2u, 3u, 12u, 60u})
    for (unsigned rounds : {0u, 1u, 2u}) {
      const FecInputs bad{.k = k, .loss = 0.4, .burst = 8, .rounds = rounds};
      EXPECT_LE(parity_fragments(bad), (2 * k + 2) / 3) << k << ", " << rounds << " rounds";
    }
  EXPECT_EQ(parity_fragments({.k = 12, .loss = 0.1, .burst = 4, .rounds = 1}), 8u);
  EXPECT_EQ(parity_fragments({.k = 1, .loss = 0.4, .rounds = 0}), 1u);
}

TEST(FecPolicy, LastRepairsGoOutTwiceAndOnBadLinksThreeTimes) {
  EXPECT_EQ(last_repair_copies(0), 2u);
  EXPECT_EQ(last_repair_copies(0.05), 2u);
  EXPECT_EQ(last_repair_copies(0.2), 3u);
  EXPECT_EQ(last_repair_copies(1), 3u);
}

TEST(FecPolicy, AnyInputStaysWithinTheLimits) {
  for (unsigned k = 1; k <= kMaxSourceFragments; k += 7)
    for (double loss : {0.0, 0.001, 0.3, 1.0, 7.0})
      for (double burst : {0.0, 1.0, 4.0, 1e9})
        for (unsigned rounds : {0, 1, 100}) {
          FecInputs in = typical(loss);
          in.k = k;
          in.burst = burst;
          in.rounds = rounds;
          ASSERT_LE(k + parity_fragments(in), kMaxFragmentsPerFrame);
        }
}

}  // namespace
}  // namespace swarmcast::repair
