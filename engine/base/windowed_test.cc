#include "engine/base/windowed.h"

#include <gtest/gtest.h>

#include <deque>

#include "engine/base/random.h"

namespace swarmcast {
namespace {

TEST(Windowed, ForgetsAfterTenPeriods) {
  WindowedMin<Instant, int> window;
  EXPECT_FALSE(window.best());
  window.add(Instant::from_ms(500), 3);
  window.add(Instant::from_ms(9'900), 7);
  EXPECT_EQ(window.best(), 3);
  window.advance(Instant::from_ms(10'100));
  EXPECT_EQ(window.best(), 7);
  window.advance(Instant::from_ms(1'000'000));
  EXPECT_FALSE(window.best());
}

TEST(Windowed, AgreesWithAPlainList) {
  Prng random(3);
  WindowedMax<Instant, int> window;
  std::deque<std::pair<int64_t, int>> list;  // period, value
  int64_t ms = 0;
  for (int i = 0; i < 5'000; ++i) {
    ms += static_cast<int64_t>(random.below(random.chance(0.01) ? 30'000 : 400));
    const int value = static_cast<int>(random.below(1'000));
    window.add(Instant::from_ms(ms), value);
    list.emplace_back(ms / 1'000, value);
    while (list.front().first <= ms / 1'000 - 10) list.pop_front();
    int best = 0;
    for (const auto& entry : list) best = std::max(best, entry.second);
    ASSERT_EQ(window.best(), best) << "step " << i;
  }
}

}  // namespace
}  // namespace swarmcast
