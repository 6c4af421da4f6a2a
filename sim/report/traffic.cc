#include "sim/report/traffic.h"

#include <algorithm>

#include "engine/base/byte_io.h"

namespace swarmcast::sim {

Traffic::Parts Traffic::classify(ByteSpan message) {
  if (message.empty()) return {};
  const uint8_t type = message[0];
  if (type >= kFirstFeedbackType && type <= kLastFeedbackType) return {.cause = Cause::kFeedback};
  if (type != kMediaType || message.size() <= kFragmentHeaderSize) return {};
  const bool lean = message[1] & kLeanFlag;
  ByteReader in(message.subspan(kHopHeaderSize));
  const uint8_t track = in.u8() % kMaxTracks;
  if (!lean) in.bytes(kBeforeNumber);
  const uint32_t number = in.u32();
  Shape& shape = shapes_[track][number % kFrames];
  if (!lean) {
    in.bytes(kBeforeSize);
    const size_t sealed = in.u24();
    shape = {.frame = number, .k = in.u8()};
    in.u8();  // r
    if (shape.k > 0) shape.payload = (sealed + shape.k - 1) / shape.k;
  }
  const uint8_t index = in.u8();
  if (message[1] & kRepairFlag) return {.cause = Cause::kRepair};
  if (shape.frame != number || index >= shape.k) return {.cause = Cause::kParity};
  return {.picture = std::min(shape.payload, message.size()), .cause = Cause::kHeaders};
}

}  // namespace swarmcast::sim
