#include "sim/net/nat.h"

#include <gtest/gtest.h>

namespace swarmcast::sim {
namespace {

constexpr NatKind kKinds[] = {NatKind::kNone, NatKind::kFullCone, NatKind::kRestricted,
                              NatKind::kPortRestricted, NatKind::kSymmetric};

TEST(NatTest, OnlyASymmetricOneAndOneThatLooksAtPortsCannotMeet) {
  for (const NatKind a : kKinds) {
    for (const NatKind b : kKinds) {
      const bool hard = (a == NatKind::kSymmetric && b >= NatKind::kPortRestricted) ||
                        (b == NatKind::kSymmetric && a >= NatKind::kPortRestricted);
      EXPECT_EQ(can_meet(a, b), !hard) << int(a) << " " << int(b);
    }
  }
}

TEST(NatTest, AQuarterOfThePairsBehindNatsCannotMeet) {
  Prng prng(3);
  int meet = 0;
  const int pairs = 20'000;
  for (int i = 0; i < pairs; ++i) {
    const NatKind a = draw_nat(prng), b = draw_nat(prng);
    EXPECT_NE(a, NatKind::kNone);
    meet += can_meet(a, b);
  }
  EXPECT_NEAR(static_cast<double>(meet) / pairs, 0.76, 0.02);
}

}  // namespace
}  // namespace swarmcast::sim
