#include "engine/wire/tick.h"

#include "engine/base/byte_io.h"

namespace swarmcast::wire {

static_assert(1 + 2 == kTickSize);

std::optional<Tick> parse_tick(ByteSpan message) {
  ByteReader in(message);
  if (in.u8() != kTickType) return std::nullopt;
  const Tick out{.last_sequence = in.u16()};
  if (!in.finished()) return std::nullopt;
  return out;
}

size_t write_tick(MutableByteSpan to, const Tick& tick) {
  ByteWriter out(to);
  out.u8(kTickType);
  out.u16(tick.last_sequence);
  return out.size();
}

std::string to_string(const Tick& tick) {
  return "tick, last sequence " + std::to_string(tick.last_sequence);
}

}  // namespace swarmcast::wire
