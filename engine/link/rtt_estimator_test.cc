#include "engine/link/rtt_estimator.h"

#include <gtest/gtest.h>

#include "engine/base/times_for_test.h"

namespace swarmcast::link {
namespace {

TEST(RttEstimator, FollowsRfc6298) {
  RttEstimator rtt;
  EXPECT_FALSE(rtt.has_sample());
  EXPECT_EQ(rtt.retransmit_timeout(), kInitialRetransmitTimeout);
  rtt.on_sample(ms(80), Instant());
  EXPECT_EQ(rtt.smoothed(), ms(80));
  EXPECT_EQ(rtt.variation(), ms(40));
  EXPECT_EQ(rtt.retransmit_timeout(), ms(240));
  rtt.on_sample(ms(160), Instant::from_ms(100));
  EXPECT_EQ(rtt.smoothed(), ms(90));
  EXPECT_EQ(rtt.variation(), ms(50));
  EXPECT_EQ(rtt.minimum(), ms(80));
}

TEST(RttEstimator, TimeoutStaysWithinItsLimits) {
  RttEstimator rtt;
  for (int i = 0; i < 100; ++i) rtt.on_sample(ms(-1), Instant::from_ms(i));
  EXPECT_EQ(rtt.retransmit_timeout(), kMinRetransmitTimeout);
  for (int i = 0; i < 100; ++i) rtt.on_sample(Duration::seconds(9), Instant::from_ms(100 + i));
  EXPECT_EQ(rtt.retransmit_timeout(), kMaxRetransmitTimeout);
}

TEST(RttEstimator, MinimumForgetsAfterTenSeconds) {
  RttEstimator rtt;
  rtt.on_sample(ms(10), Instant());
  rtt.on_sample(ms(50), Instant::from_ms(9'000));
  EXPECT_EQ(rtt.minimum(), ms(10));
  rtt.on_sample(ms(60), Instant::from_ms(11'000));
  EXPECT_EQ(rtt.minimum(), ms(50));
}

}  // namespace
}  // namespace swarmcast::link
