#include "engine/wire/nak.h"

#include "engine/base/byte_io.h"

namespace swarmcast::wire {
namespace {

struct RangeMessage {
  uint8_t flags = 0;
  SequenceRanges ranges;
};

std::optional<RangeMessage> parse(ByteSpan message, uint8_t type, uint8_t known_flags) {
  ByteReader in(message);
  if (in.u8() != type) return std::nullopt;
  RangeMessage out{.flags = in.u8()};
  const size_t count = in.u8();
  if (out.flags & ~known_flags || count == 0 || count > kMaxSequenceRanges) return std::nullopt;
  for (size_t i = 0; i < count; ++i) {
    const uint16_t first = in.u16();
    const auto length = static_cast<uint16_t>(in.u8() + 1);
    out.ranges.add(SequenceRange{first, length});
  }
  if (!in.finished()) return std::nullopt;
  return out;
}

size_t write(MutableByteSpan to, uint8_t type, uint8_t flags, const SequenceRanges& ranges) {
  SWARMCAST_CHECK(!ranges.empty());
  ByteWriter out(to);
  out.u8(type);
  out.u8(flags);
  out.u8(ranges.list().size());
  for (const SequenceRange& range : ranges.list()) {
    out.u16(range.first);
    out.u8(range.length - 1);
  }
  return out.size();
}

std::string describe(const SequenceRanges& ranges) {
  std::string text;
  for (const SequenceRange& range : ranges.list())
    text += " " + std::to_string(range.first) + "+" + std::to_string(range.length);
  return text;
}

}  // namespace

bool SequenceRanges::add(uint16_t sequence) {
  if (count_ > 0) {
    SequenceRange& last = ranges_[count_ - 1];
    if (static_cast<uint16_t>(last.first + last.length) == sequence &&
        last.length < kMaxSequenceRangeLength) {
      ++last.length;
      return true;
    }
  }
  return add(SequenceRange{sequence, 1});
}

bool SequenceRanges::add(SequenceRange range) {
  if (count_ == ranges_.size() || range.length == 0 || range.length > kMaxSequenceRangeLength)
    return false;
  ranges_[count_++] = range;
  return true;
}

size_t SequenceRanges::total() const {
  size_t sum = 0;
  for (const SequenceRange& range : list()) sum += range.length;
  return sum;
}

bool SequenceRanges::operator==(const SequenceRanges& other) const {
  return std::ranges::equal(list(), other.list());
}

std::optional<Nak> parse_nak(ByteSpan message) {
  const auto parsed = parse(message, kNakType, kNakUrgentFlag | kNakBaseOnlyFlag);
  if (!parsed) return std::nullopt;
  return Nak{.urgent = (parsed->flags & kNakUrgentFlag) != 0,
             .base_only = (parsed->flags & kNakBaseOnlyFlag) != 0,
             .ranges = parsed->ranges};
}

std::optional<Settled> parse_settled(ByteSpan message) {
  const auto parsed = parse(message, kSettledType, 0);
  if (!parsed) return std::nullopt;
  return Settled{.ranges = parsed->ranges};
}

size_t write_nak(MutableByteSpan out, const Nak& nak) {
  const int flags = (nak.urgent ? kNakUrgentFlag : 0) | (nak.base_only ? kNakBaseOnlyFlag : 0);
  return write(out, kNakType, static_cast<uint8_t>(flags), nak.ranges);
}

size_t write_settled(MutableByteSpan out, const Settled& settled) {
  return write(out, kSettledType, 0, settled.ranges);
}

std::string to_string(const Nak& nak) {
  return std::string(nak.urgent ? "urgent " : "") + (nak.base_only ? "base-only " : "") + "nak" +
         describe(nak.ranges);
}

std::string to_string(const Settled& settled) { return "settled" + describe(settled.ranges); }

}  // namespace swarmcast::wire
