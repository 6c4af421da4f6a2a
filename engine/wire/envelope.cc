#include "engine/wire/envelope.h"

#include "engine/base/byte_io.h"

namespace swarmcast::wire {

static_assert(1 + 2 + 2 == kEnvelopeHeaderSize);

std::optional<EnvelopeView> parse_envelope(ByteSpan message) {
  if (message.size() > kMaxMessageSize) return std::nullopt;
  ByteReader in(message);
  if (in.u8() != kEnvelopeType) return std::nullopt;
  EnvelopeView view;
  view.sequence = in.u16();
  view.ack = in.u16();
  view.bodies = in.rest();
  while (in.ok() && !in.rest().empty()) {
    const size_t length = in.u16();
    if (length == 0 || length > kMaxControlBody) return std::nullopt;
    in.bytes(length);
  }
  if (!in.finished()) return std::nullopt;
  return view;
}

ByteSpan take_body(ByteSpan& bodies) {
  ByteReader in(bodies);
  const size_t length = in.u16();
  const ByteSpan body = in.bytes(length);
  bodies = in.rest();
  return body;
}

EnvelopeWriter::EnvelopeWriter(MutableByteSpan out, uint16_t sequence, uint16_t ack) : out_(out) {
  ByteWriter header(out);
  header.u8(kEnvelopeType);
  header.u16(sequence);
  header.u16(ack);
  used_ = header.size();
}

bool EnvelopeWriter::add(ByteSpan body) {
  SWARMCAST_CHECK(!body.empty() && body.size() <= kMaxControlBody);
  if (used_ + kEnvelopeBodyHeaderSize + body.size() > out_.size()) return false;
  ByteWriter writer(out_.subspan(used_));
  writer.u16(body.size());
  writer.bytes(body);
  used_ += writer.size();
  return true;
}

std::string to_string(const EnvelopeView& envelope) {
  size_t count = 0;
  for (ByteSpan rest = envelope.bodies; !rest.empty(); ++count) take_body(rest);
  return "envelope " + std::to_string(envelope.sequence) + ", ack " + std::to_string(envelope.ack) +
         ", " + std::to_string(count) + " bodies";
}

}  // namespace swarmcast::wire
