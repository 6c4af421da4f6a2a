// The tracks of a broadcast.
#pragma once

#include <cstdint>

#include "engine/base/time.h"
#include "engine/base/video_codec.h"

namespace swarmcast {

// Signed by the source and handed to every joiner (spec/control.md, WELCOME).
struct StreamDescription {
  uint16_t width = 640;  // pixels, even; with height and fps 0 without a picture
  uint16_t height = 360;
  uint8_t fps = 20;            // nominal; captures may be irregular
  uint8_t audio_channels = 0;  // Opus, 48 kHz, 20 ms packets; 0 = no sound
  Duration playout;            // default playout delay for viewers; zero = each chooses its own
  VideoCodec codec = VideoCodec::kH264;
  bool operator==(const StreamDescription&) const = default;
};

}  // namespace swarmcast
