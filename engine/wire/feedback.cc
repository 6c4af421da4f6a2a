#include "engine/wire/feedback.h"

#include "engine/base/byte_io.h"

namespace swarmcast::wire {

static_assert(1 + 2 + 2 + 4 + 2 == kFeedbackSize);

std::optional<Feedback> parse_feedback(ByteSpan message) {
  ByteReader in(message);
  if (in.u8() != kFeedbackType) return std::nullopt;
  Feedback out;
  out.highest = in.u16();
  out.received = in.u16();
  out.arrival_us = in.u32();
  out.hold_us = in.u16();
  if (!in.finished()) return std::nullopt;
  return out;
}

size_t write_feedback(MutableByteSpan to, const Feedback& feedback) {
  ByteWriter out(to);
  out.u8(kFeedbackType);
  out.u16(feedback.highest);
  out.u16(feedback.received);
  out.u32(feedback.arrival_us);
  out.u16(feedback.hold_us);
  return out.size();
}

std::string to_string(const Feedback& feedback) {
  return "feedback up to " + std::to_string(feedback.highest) + ", " +
         std::to_string(feedback.received) + " received, arrival " +
         std::to_string(feedback.arrival_us) + " us, held " + std::to_string(feedback.hold_us) +
         " us";
}

}  // namespace swarmcast::wire
