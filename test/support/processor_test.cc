#include "test/support/processor.h"

#include <gtest/gtest.h>

namespace swarmcast::test {
namespace {

TEST(ProcessorTest, TicksNeverGoBack) {
  const Ticks before = read_ticks();
  const Ticks after = read_ticks();
  EXPECT_GT(before.busy, 0);
  EXPECT_GE(before.all, before.busy);
  EXPECT_GE(after.busy, before.busy);
  EXPECT_GE(after.all, before.all);
}

}  // namespace
}  // namespace swarmcast::test
