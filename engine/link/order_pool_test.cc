#include "engine/link/order_pool.h"

#include <gtest/gtest.h>

#include "engine/base/times_for_test.h"

namespace swarmcast::link {
namespace {

SendOrder due_at(int64_t time_ms) { return {.deadline = at(time_ms), .size = 1}; }

TEST(OrderPool, GrowsToItsCapacityAndKeepsTheOrder) {
  OrderPool pool(1'000);
  EXPECT_EQ(pool.room(), 0u);
  OrderPool::Queue queue;
  for (int64_t i = 0; i < 1'000; ++i) {
    ASSERT_FALSE(pool.is_full());
    pool.insert(queue, due_at(i));
  }
  EXPECT_TRUE(pool.is_full());
  EXPECT_EQ(pool.room(), 1'000u);
  for (int64_t i = 0; i < 1'000; ++i) {
    EXPECT_EQ(pool.at(queue.head).deadline, at(i));
    pool.remove(queue, queue.head);
  }
  EXPECT_TRUE(queue.empty());
}

TEST(OrderPool, UsesAgainWhatIsFree) {
  OrderPool pool(4'096);
  OrderPool::Queue queue;
  pool.insert(queue, due_at(0));
  const size_t first = pool.room();
  for (int64_t i = 1; i < 10'000; ++i) {
    pool.insert(queue, due_at(i));
    pool.remove(queue, queue.head);
  }
  EXPECT_EQ(pool.room(), first);
  EXPECT_LT(first, 4'096u);
}

}  // namespace
}  // namespace swarmcast::link
