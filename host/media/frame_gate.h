// Reduces a frame rate by dropping pictures.
#pragma once

#include <algorithm>
#include <cstdint>

namespace swarmcast::media {

// Lets pictures through so that they keep to `fps` on average; timestamps may jitter by a third of
// a period without loss where the rates are equal.
class FrameGate {
 public:
  explicit FrameGate(int fps) : period_us_(1'000'000 / fps), early_us_(period_us_ / 3) {}

  // Timestamps must not go back.
  bool admits(int64_t pts_us) {
    if (pts_us < next_us_ - early_us_) return false;
    next_us_ = std::max(next_us_ + period_us_, pts_us + period_us_ - early_us_);
    return true;
  }

 private:
  int64_t period_us_;
  int64_t early_us_;
  int64_t next_us_ = 0;
};

}  // namespace swarmcast::media
