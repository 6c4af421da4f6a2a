// FEEDBACK: what a receiver saw of a link's media, every 25 to 50 ms while media flows
// (spec/link.md, "FEEDBACK").
//
//   0        1                 3                 5                                   9
//   | 0x51   | highest         | received        | arrival (us, low 32 bits)         | hold (us) |
//
// `received` counts since the link began and wraps, so that a lost FEEDBACK loses nothing; the
// sender knows how many it sent up to `highest` and so how many were lost (RFC 3550, 6.4.1, does
// the same the other way round). Send times stay with the sender.
#pragma once

#include <optional>
#include <string>

#include "engine/base/bytes.h"

namespace swarmcast::wire {

inline constexpr uint8_t kFeedbackType = 0x51;
inline constexpr size_t kFeedbackSize = 11;

struct Feedback {
  uint16_t highest = 0;     // highest link sequence received, low 16 bits
  uint16_t received = 0;    // distinct media messages received on this link so far, low 16 bits
  uint32_t arrival_us = 0;  // receiver's clock when `highest` arrived, low 32 bits
  uint16_t hold_us = 0;     // from then to this message; 65,535 = that long or longer
  bool operator==(const Feedback&) const = default;
};

std::optional<Feedback> parse_feedback(ByteSpan message);
// Gives the bytes written: kFeedbackSize.
size_t write_feedback(MutableByteSpan out, const Feedback& feedback);
std::string to_string(const Feedback& feedback);

}  // namespace swarmcast::wire
