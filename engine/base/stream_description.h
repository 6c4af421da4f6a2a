// The tracks of a broadcast.
#pragma once

#include <cstdint>

#include "engine/base/time.h"

namespace swarmcast {

// Signed by the source and handed to every joiner (spec/control.md, WELCOME).
struct StreamDescription {
  uint16_t width = 640;  // pixels, even
  uint16_t height = 360;
  uint8_t fps = 20;            // nominal; captures may be irregular
  uint8_t audio_channels = 0;  // Opus, 48 kHz, 20 ms packets; 0 = no sound
  Duration playout;            // default playout delay for viewers; zero = each chooses its own
  bool operator==(const StreamDescription&) const = default;
};

}  // namespace swarmcast
