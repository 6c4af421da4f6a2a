// ENVELOPE: reliable, ordered control messages with the engine's own acknowledgement
// (spec/control-envelope.md).
//
//   0        1                 3                 5
//   | 0x40   | sequence        | ack             | { length (2) | body } ...
//
// `sequence` numbers the first body, the others follow on; `ack` is the next number expected from
// the other side. An envelope without bodies only acknowledges.
#pragma once

#include <optional>
#include <string>

#include "engine/base/bytes.h"
#include "engine/base/limits.h"

namespace swarmcast::wire {

inline constexpr uint8_t kEnvelopeType = 0x40;
inline constexpr size_t kEnvelopeHeaderSize = 5;
inline constexpr size_t kEnvelopeBodyHeaderSize = 2;
inline constexpr size_t kMaxControlBody = 1'100;
static_assert(kEnvelopeHeaderSize + kEnvelopeBodyHeaderSize + kMaxControlBody <= kMaxMessageSize);

// Borrows the message it was parsed from.
struct EnvelopeView {
  uint16_t sequence = 0;
  uint16_t ack = 0;
  ByteSpan bodies;  // well-formed: walk them with take_body()
};

// Checks every length: a body has 1..kMaxControlBody bytes.
std::optional<EnvelopeView> parse_envelope(ByteSpan message);

// Takes the first body off `bodies` (of an EnvelopeView); empty when there is none left.
ByteSpan take_body(ByteSpan& bodies);

// Writes an envelope body by body: construct, add, then size().
class EnvelopeWriter {
 public:
  EnvelopeWriter(MutableByteSpan out, uint16_t sequence, uint16_t ack);
  // False if it no longer fits; 1..kMaxControlBody bytes.
  bool add(ByteSpan body);
  size_t size() const { return used_; }

 private:
  MutableByteSpan out_;
  size_t used_;
};

std::string to_string(const EnvelopeView& envelope);

}  // namespace swarmcast::wire
