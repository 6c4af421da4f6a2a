// Short names for the times that tests are full of.
#pragma once

#include "engine/base/time.h"

namespace swarmcast {

constexpr Duration ms(int64_t value) { return Duration::millis(value); }
// So long after the beginning of time.
constexpr Instant at(int64_t ms) { return Instant::from_ms(ms); }

}  // namespace swarmcast
