#include "host/loop/time_limit.h"

#include <gtest/gtest.h>

namespace swarmcast {
namespace {

TEST(TimeLimitTest, IsReachedOnceAndNotBefore) {
  Loop loop;
  const Instant begun = Loop::now();
  const Duration limit = Duration::millis(30);
  int times = 0;
  const TimeLimit reached(loop, limit, [&] { ++times; });
  Loop::Timer later(loop, [&] { loop.quit(); });
  later.set(begun + limit * 3);
  while (times == 0) loop.run_once(true);
  EXPECT_GE(Loop::now() - begun, limit);
  loop.run();  // to the end of `later`
  EXPECT_EQ(times, 1);
}

TEST(TimeLimitTest, IsNotReachedOnceItIsGone) {
  Loop loop;
  {
    const TimeLimit gone(loop, Duration::millis(1), [] { FAIL(); });
  }
  Loop::Timer later(loop, [&] { loop.quit(); });
  later.set(Loop::now() + Duration::millis(20));
  loop.run();
}

}  // namespace
}  // namespace swarmcast
