#include "engine/wire/ping.h"

#include <algorithm>

#include "engine/base/byte_io.h"
#include "engine/base/limits.h"

namespace swarmcast::wire {
namespace {

constexpr int64_t kMaxErrorUs = (int64_t{1} << 24) - 1;

static_assert(1 + 2 + 4 == kPingSize);
static_assert(1 + 1 + 2 + 4 + 5 + 3 + 2 == kPongSize);

}  // namespace

std::optional<Ping> parse_ping(ByteSpan message) {
  ByteReader in(message);
  if (in.u8() != kPingType) return std::nullopt;
  Ping out;
  out.id = in.u16();
  out.sent_us = in.u32();
  if (!in.finished()) return std::nullopt;
  return out;
}

std::optional<Pong> parse_pong(ByteSpan message) {
  ByteReader in(message);
  if (in.u8() != kPongType) return std::nullopt;
  Pong out;
  const uint8_t flags = in.u8();
  out.id = in.u16();
  out.sent_us = in.u32();
  const auto stream_us = static_cast<int64_t>(in.u40());
  const int64_t error_us = in.u24();
  out.hold_us = in.u16();
  if (!in.finished() || flags & ~kPongClockFlag) return std::nullopt;
  if (flags & kPongClockFlag)
    out.clock = ClockReading{StreamTime::from_us(stream_us), Duration::micros(error_us)};
  else if (stream_us != 0 || error_us != 0)
    return std::nullopt;
  return out;
}

size_t write_ping(MutableByteSpan to, const Ping& ping) {
  ByteWriter out(to);
  out.u8(kPingType);
  out.u16(ping.id);
  out.u32(ping.sent_us);
  return out.size();
}

size_t write_pong(MutableByteSpan to, const Pong& pong) {
  const ClockReading clock = pong.clock.value_or(ClockReading{});
  ByteWriter out(to);
  out.u8(kPongType);
  out.u8(pong.clock ? kPongClockFlag : 0);
  out.u16(pong.id);
  out.u32(pong.sent_us);
  out.u40(static_cast<uint64_t>(std::clamp<int64_t>(clock.now.us(), 0, kMaxStreamTimeUs)));
  out.u24(static_cast<uint64_t>(std::clamp<int64_t>(clock.error.us(), 0, kMaxErrorUs)));
  out.u16(pong.hold_us);
  return out.size();
}

std::string to_string(const Ping& ping) {
  return "ping " + std::to_string(ping.id) + ", sent " + std::to_string(ping.sent_us) + " us";
}

std::string to_string(const Pong& pong) {
  std::string text = "pong " + std::to_string(pong.id) + ", sent " + std::to_string(pong.sent_us) +
                     " us, held " + std::to_string(pong.hold_us) + " us";
  if (pong.clock)
    text += ", stream time " + std::to_string(pong.clock->now.us()) + " us within " +
            std::to_string(pong.clock->error.us()) + " us";
  return text;
}

}  // namespace swarmcast::wire
