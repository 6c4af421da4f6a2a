// The one engine of this module instance, and what its inputs and outputs pass through.
#pragma once

#include <cmath>
#include <limits>
#include <memory>
#include <optional>

#include "engine/api/engine.h"
#include "wasm/abi.h"

namespace swarmcast::wasm {

struct State {
  Bytes<kInboxSize> inbox;
  Output output;
  Bytes<512> outbox;  // an output's data that the engine has in another form
  Engine* engine;     // never destroyed: the host drops the instance and its memory
};

// Zero-initialised, so that the module needs no constructors.
extern constinit State state;

// Fails if there is none: the host called in the wrong order.
Engine& engine();

// To the nearest microsecond, so that a time that next_timeout() gave comes back as it was.
inline Instant instant(double ms) {
  if (!(ms < 9e15)) return Instant::never();
  return Instant::from_us(static_cast<int64_t>(std::floor(ms * 1e3 + 0.5)));
}
inline double to_ms(Instant t) {
  return t.is_never() ? std::numeric_limits<double>::infinity() : static_cast<double>(t.us()) / 1e3;
}
inline double to_ms(Duration d) { return static_cast<double>(d.us()) / 1e3; }

}  // namespace swarmcast::wasm
