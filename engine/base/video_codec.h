// The form of a stream's pictures.
#pragma once

#include <cstdint>

namespace swarmcast {

// Other values may come from sources newer than this program; whoever decodes refuses them.
enum class VideoCodec : uint8_t {
  kNone = 0,  // sound only
  kH264 = 1,  // Annex B, parameter sets in band on each key frame
  kVp9 = 2,
  kAv1 = 3,  // temporal units of OBUs, the sequence header in band on each key frame
  kVp8 = 4,  // what browsers without a good H.264 encoder send
};

}  // namespace swarmcast
