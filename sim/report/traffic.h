// What our engines' messages are for, by their first bytes (spec/README.md, "The first byte";
// spec/fragment.md). Reads what honest simulated engines send, no stranger's bytes.
#pragma once

#include <array>
#include <cstdint>

#include "engine/base/bytes.h"
#include "engine/base/limits.h"
#include "sim/report/causes.h"

namespace swarmcast::sim {

inline constexpr uint8_t kMediaType = 0x20;
inline constexpr uint8_t kRepairFlag = 0x80;  // of the second byte
inline constexpr uint8_t kLeanFlag = 0x40;
inline constexpr uint8_t kFirstFeedbackType = 0x50;  // NAK
inline constexpr uint8_t kLastFeedbackType = 0x55;   // SETTLED

class Traffic {
 public:
  struct Parts {
    size_t picture = 0;             // bytes of the message that are a piece of a picture
    Cause cause = Cause::kControl;  // of the others
  };
  Parts classify(ByteSpan message);

 private:
  // Lean fragments leave out what others of their frame have said.
  struct Shape {
    uint32_t frame = 0;
    uint8_t k = 0;       // source fragments; 0: none seen yet
    size_t payload = 0;  // bytes of each fragment
  };
  // Of a whole fragment's frame header: flags, reference and epoch; then the capture time.
  static constexpr size_t kBeforeNumber = 3;
  static constexpr size_t kBeforeSize = 5;
  static constexpr size_t kFrames = 256;  // whose shape is kept, by track
  std::array<std::array<Shape, kFrames>, kMaxTracks> shapes_{};
};

}  // namespace swarmcast::sim
