// Bytes a second over the last second or two.
#pragma once

#include "engine/base/time.h"
#include "engine/base/units.h"

namespace swarmcast::node {

class RateMeter {
 public:
  void add(Instant now, size_t bytes) {
    roll(now);
    current_ += static_cast<int64_t>(bytes);
  }
  DataRate rate(Instant now) const {
    RateMeter rolled = *this;
    rolled.roll(now);
    return DataRate::of(rolled.last_ + rolled.current_, kBucket + (now - rolled.bucket_start_));
  }

 private:
  static constexpr Duration kBucket = Duration::seconds(1);

  void roll(Instant now) {
    if (now < bucket_start_ + kBucket) return;
    last_ = now < bucket_start_ + kBucket * 2 ? current_ : 0;
    current_ = 0;
    bucket_start_ = now;
  }
  Instant bucket_start_;
  int64_t current_ = 0;
  int64_t last_ = 0;
};

}  // namespace swarmcast::node
