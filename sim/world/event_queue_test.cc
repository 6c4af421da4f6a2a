#include "sim/world/event_queue.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/base/random.h"

namespace swarmcast::sim {
namespace {

TEST(EventQueueTest, GivesInOrderOfTimeAndThenOfAdding) {
  const uint64_t seed = 5;
  Prng prng(seed);
  EventQueue queue;
  std::vector<Event> expected;
  Instant now;
  for (uint32_t i = 0; i < 20'000; ++i) {
    const Instant at = now + Duration::micros(static_cast<int64_t>(prng.below(50)));
    queue.push({at, EventKind::kTimeout, i});
    expected.push_back({at, EventKind::kTimeout, i});
    if (!prng.chance(0.4)) continue;
    const auto first = std::ranges::min_element(
        expected, [](const Event& a, const Event& b) { return a.at < b.at; });
    ASSERT_EQ(queue.next().subject, first->subject) << "seed " << seed;
    now = queue.pop().at;
    expected.erase(first);
    if (expected.size() > 200) {
      while (!queue.empty()) queue.pop();
      expected.clear();
    }
  }
}

}  // namespace
}  // namespace swarmcast::sim
