// Minimum or maximum over about the last n periods, in constant space.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "engine/base/time.h"

namespace swarmcast {

// Keeps the best value (by `Better`) of each of the last `Periods` periods. A value is forgotten
// between Periods - 1 and Periods periods after it came. `Point` is any TimePoint; time that
// goes back counts into the current period.
template <typename Point, typename Value, typename Better, size_t Periods = 10>
class WindowedBest {
 public:
  explicit WindowedBest(Duration period = Duration::seconds(1)) : period_(period) {}

  void add(Point now, const Value& value) {
    advance(now);
    auto& best = best_[static_cast<size_t>(current_) % Periods];
    if (!best || Better()(value, *best)) best = value;
  }
  // Forgets what is too old.
  void advance(Point now) {
    const int64_t period = std::max<int64_t>(now.us(), 0) / period_.us();
    if (!started_) current_ = period;
    started_ = true;
    if (period - current_ >= static_cast<int64_t>(Periods)) {
      best_ = {};
      current_ = period;
    }
    while (current_ < period) best_[static_cast<size_t>(++current_) % Periods].reset();
  }
  std::optional<Value> best() const {
    std::optional<Value> out;
    for (const auto& value : best_)
      if (value && (!out || Better()(*value, *out))) out = value;
    return out;
  }
  void clear() { best_ = {}; }

 private:
  Duration period_;
  std::array<std::optional<Value>, Periods> best_{};
  int64_t current_ = 0;
  bool started_ = false;
};

template <typename Point, typename Value>
using WindowedMin = WindowedBest<Point, Value, std::less<Value>>;
template <typename Point, typename Value>
using WindowedMax = WindowedBest<Point, Value, std::greater<Value>>;

}  // namespace swarmcast
