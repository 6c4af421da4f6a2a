#include "host/media/frame_gate.h"

#include <gtest/gtest.h>

#include <random>

namespace swarmcast::media {
namespace {

int admitted(double input_fps, int fps, int seconds, double jitter_us) {
  FrameGate gate(fps);
  std::mt19937 random(5);
  std::uniform_real_distribution<double> jitter(-jitter_us, jitter_us);
  int count = 0;
  for (int n = 0; n < input_fps * seconds; ++n)
    count += gate.admits(static_cast<int64_t>(n * 1e6 / input_fps + (n ? jitter(random) : 0)));
  return count;
}

TEST(FrameGateTest, KeepsToTheRate) {
  EXPECT_EQ(admitted(20, 20, 100, 0), 2000);
  EXPECT_NEAR(admitted(25, 20, 100, 0), 2000, 2);
  EXPECT_NEAR(admitted(29.97, 20, 100, 0), 2000, 2);
  EXPECT_NEAR(admitted(60, 20, 100, 0), 2000, 2);
  EXPECT_EQ(admitted(10, 20, 100, 0), 1000);
}

TEST(FrameGateTest, JitterCostsNothingAtEqualRates) {
  EXPECT_EQ(admitted(20, 20, 100, 8'000), 2000);
  EXPECT_GE(admitted(20.01, 20, 100, 8'000), 1998);
}

}  // namespace
}  // namespace swarmcast::media
