// The pictures of the simulated camera: what an encoder under rate control would give.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/time.h"
#include "engine/base/units.h"

namespace swarmcast::sim {

inline constexpr int kFps = 20;
inline constexpr Duration kPicturePeriod = Duration::micros(1'000'000 / kFps);

struct Picture {
  bool key = false;
  uint8_t index_in_chunk = 0;
  uint8_t temporal_id = 0;
  uint8_t depends_on = 0;  // pictures back; 0: none
  size_t bytes = 0;
};

class Pictures {
 public:
  // Every two seconds a key picture, and when one is asked for. `target`: what the encoder aims at
  // from now on.
  Picture next(DataRate target, bool key_wanted = false);
  // Nothing is encoded now; what comes then begins with a key picture.
  void pause() { since_key_ = 0; }

 private:
  size_t size_of(bool key, int64_t mean);

  uint32_t since_key_ = 0;   // pictures; 0: none yet
  int64_t over_budget_ = 0;  // bytes beyond the bitrate, so far
};

}  // namespace swarmcast::sim
