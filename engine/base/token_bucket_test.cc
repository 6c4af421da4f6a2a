#include "engine/base/token_bucket.h"

#include <gtest/gtest.h>

namespace swarmcast {
namespace {

TEST(TokenBucket, GivesABurstThenTheRate) {
  TokenBucket bucket(10, 5);
  const Instant start = Instant::from_ms(1'000);
  int at_once = 0;
  while (bucket.take(start)) ++at_once;
  EXPECT_EQ(at_once, 5);
  int in_a_second = 0;
  for (int ms = 1; ms <= 1'000; ++ms) in_a_second += bucket.take(start + Duration::millis(ms));
  EXPECT_EQ(in_a_second, 10);
}

TEST(TokenBucket, APauseSavesNoMoreThanABurst) {
  TokenBucket bucket(10, 3);
  const Instant later = Instant::from_ms(3'600'000);
  while (bucket.take(Instant::from_ms(1))) {
  }
  int at_once = 0;
  while (bucket.take(later)) ++at_once;
  EXPECT_EQ(at_once, 3);
  EXPECT_FALSE(bucket.has(later));
}

}  // namespace
}  // namespace swarmcast
