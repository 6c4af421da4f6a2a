#include "engine/base/sequence.h"

#include <gtest/gtest.h>

namespace swarmcast {
namespace {

TEST(UnwrapSequence, FindsTheNearestNumber) {
  for (uint64_t reference : {0ull, 1ull, 32'768ull, 65'535ull, 65'536ull, 1'000'000ull}) {
    for (int64_t delta : {-32'767, -1, 0, 1, 32'767}) {
      const int64_t wanted = static_cast<int64_t>(reference) + delta;
      if (wanted < 0) continue;
      EXPECT_EQ(unwrap_sequence(static_cast<uint16_t>(wanted), reference),
                static_cast<uint64_t>(wanted));
    }
  }
}

TEST(UnwrapSequence, NeverGoesBelowZero) { EXPECT_EQ(unwrap_sequence(65'535, 3), 65'535u); }

}  // namespace
}  // namespace swarmcast
