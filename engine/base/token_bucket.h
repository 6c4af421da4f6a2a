// How often something may happen: at a steady rate, and more at once after a pause.
#pragma once

#include <algorithm>

#include "engine/base/time.h"

namespace swarmcast {

// The generic cell rate algorithm (ITU-T I.371): one moment is all the state there is.
class TokenBucket {
 public:
  // `rate` a second, `burst` at once; both >= 1.
  constexpr TokenBucket(int rate, int burst)
      : period_(Duration::seconds(1) / rate), slack_(period_ * (burst - 1)) {}

  constexpr bool has(Instant now) const { return next_ - slack_ <= now; }
  // Takes one; false if there is none.
  constexpr bool take(Instant now) {
    if (!has(now)) return false;
    next_ = std::max(next_, now) + period_;
    return true;
  }

 private:
  Duration period_;
  Duration slack_;
  Instant next_;  // when one would be due at the steady rate
};

}  // namespace swarmcast
