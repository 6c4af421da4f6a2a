// NAK and SETTLED: lists of a link's own media sequence numbers (spec/link.md, "NAK").
//
//   0        1        2        3                 5
//   | type   | flags  | count  | first           | length - 1 |  ... count ranges of 3 bytes
//
// NAK (0x50) asks a parent for what it numbered and we did not receive; SETTLED (0x55) answers
// that those messages are no longer held. Numbers wrap at 2^16; a range may cross the wrap.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>

#include "engine/base/bytes.h"
#include "engine/base/limits.h"

namespace swarmcast::wire {

inline constexpr uint8_t kNakType = 0x50;
inline constexpr uint8_t kSettledType = 0x55;
inline constexpr uint8_t kNakUrgentFlag = 0x01;
inline constexpr uint8_t kNakBaseOnlyFlag = 0x02;

inline constexpr size_t kMaxSequenceRanges = 32;
inline constexpr size_t kMaxSequenceRangeLength = 256;
inline constexpr size_t kNakHeaderSize = 3;
inline constexpr size_t kSequenceRangeSize = 3;
inline constexpr size_t kMaxNakSize = kNakHeaderSize + kMaxSequenceRanges * kSequenceRangeSize;
static_assert(kMaxNakSize <= kMaxMessageSize);

// `length` numbers from `first` on, modulo 2^16.
struct SequenceRange {
  uint16_t first = 0;
  uint16_t length = 1;  // 1..kMaxSequenceRangeLength
  bool operator==(const SequenceRange&) const = default;
};

// At most kMaxSequenceRanges ranges, in the order given.
class SequenceRanges {
 public:
  // Adds one number, extending the last range where it continues it; false if the list is full.
  bool add(uint16_t sequence);
  // False if the list is full or the length is out of range.
  bool add(SequenceRange range);

  std::span<const SequenceRange> list() const { return {ranges_.data(), count_}; }
  // Numbers in all ranges.
  size_t total() const;
  bool empty() const { return count_ == 0; }
  void clear() { count_ = 0; }
  bool operator==(const SequenceRanges& other) const;

 private:
  std::array<SequenceRange, kMaxSequenceRanges> ranges_{};
  size_t count_ = 0;
};

struct Nak {
  bool urgent = false;     // the deadline is near: please send each repair twice
  bool base_only = false;  // the deadline has passed: only what others refer to is of use
  SequenceRanges ranges;
  bool operator==(const Nak&) const = default;
};

struct Settled {
  SequenceRanges ranges;
  bool operator==(const Settled&) const = default;
};

// Refuse empty lists, unknown flags and any size but the exact one.
std::optional<Nak> parse_nak(ByteSpan message);
std::optional<Settled> parse_settled(ByteSpan message);

// Give the bytes written; `out` holds at least kMaxNakSize and the list is not empty.
size_t write_nak(MutableByteSpan out, const Nak& nak);
size_t write_settled(MutableByteSpan out, const Settled& settled);

std::string to_string(const Nak& nak);
std::string to_string(const Settled& settled);

}  // namespace swarmcast::wire
