#include "engine/repair/fec_policy.h"

#include <gtest/gtest.h>

#include "engine/base/limits.h"

namespace swarmcast::repair {
namespace {

// RTT 60 ms, playout 300 ms, 20 fps.
FecInputs typical(double loss, unsigned temporal_id = 0) {
  return {.k = 13,
          .temporal_id = temporal_id,
          .loss = loss,
          .playout = Duration::millis(300),
          .rtt = Duration::millis(60),
          .frame_interval = Duration::millis(50)};
}

TEST(FecPolicy, NoParityWithoutLoss) {
  FecInputs in = typical(0);
  in.playout = Duration::millis(20);
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

TEST(FecPolicy, RoundsCountWhatIsLeftOfThePlayout) {
  FecInputs in = typical(0.1);
  EXPECT_EQ(repair_rounds(in), 3u);  // (300 - 25 - 30 - 10) / 65
  in.hops = 5;
  EXPECT_EQ(repair_rounds(in), 1u);
  in.playout = Duration::millis(100);
  EXPECT_EQ(repair_rounds(in), 0u);
}

TEST(FecPolicy, TheFewerRoundsTheMoreParity) {
  FecInputs in = typical(0.05);
  unsigned last = 0;
  for (int64_t playout : {300, 150, 90}) {
    in.playout = Duration::millis(playout);
    EXPECT_GE(parity_fragments(in), last) << playout;
    last = parity_fragments(in);
  }
  EXPECT_GE(last, 4u);
}

TEST(FecPolicy, AnyInputStaysWithinTheLimits) {
  for (unsigned k = 1; k <= kMaxSourceFragments; k += 7)
    for (double loss : {0.0, 0.001, 0.3, 1.0, 7.0})
      for (double burst : {0.0, 1.0, 4.0, 1e9})
        for (int64_t playout : {0, 100, 3'000}) {
          FecInputs in = typical(loss);
          in.k = k;
          in.burst = burst;
          in.playout = Duration::millis(playout);
          ASSERT_LE(k + parity_fragments(in), kMaxFragmentsPerFrame);
        }
}

}  // namespace
}  // namespace swarmcast::repair
