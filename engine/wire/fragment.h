// FRAGMENT: one erasure-coded piece of a frame, self-verifying (spec/fragment.md).
//
//   0        1        2                 4                                 22       23
//   | 0x20   | hop    | link sequence   | frame header (18)               | index  |
//   | signature (64) | path (8 * ceil(log2(k + r))) | payload | answers (2), repairs only |
//
// The first four bytes, and a repair's last two, belong to the hop and change at every relay; the
// rest is the source's and travels unchanged.
#pragma once

#include <optional>
#include <string>

#include "engine/base/crypto_provider.h"
#include "engine/base/fragment.h"

namespace swarmcast::wire {

inline constexpr uint8_t kFragmentType = 0x20;
inline constexpr uint8_t kHopRepairFlag = 0x80;
inline constexpr uint8_t kHopStripeMask = 0x1f;

// What one hop says about a fragment it sends.
struct HopHeader {
  StripeId stripe;                  // 0..31; 0 while K = 1
  uint16_t link_sequence = 0;       // low 16 bits of the link's number of this message
  std::optional<uint16_t> answers;  // a repair: the number that was lost, low 16 bits
  bool operator==(const HopHeader&) const = default;
};

// The 18 bytes that are signed and serve as associated data.
Bytes<kFrameHeaderSize> encode_frame_header(const FrameHeader& header);

// Checks every range and the exact size; borrows `message`, a repair's trailer left out.
std::optional<FragmentView> parse_fragment(ByteSpan message);
// Of a message that parse_fragment accepted.
HopHeader parse_hop_header(ByteSpan fragment_message);

// Writes the hop header in place over the first four bytes, and the trailer of a repair over the
// last two: `message` is the fragment's own message, with room for the trailer if `hop.answers`.
void write_hop_header(MutableByteSpan message, const HopHeader& hop);
// Writes a whole fragment message with an empty hop header; out.size() ==
// fragment_message_size(header). `path` and `payload` have the sizes FragmentView states.
void write_fragment(MutableByteSpan out, const FrameHeader& header, uint8_t index,
                    const Signature& signature, ByteSpan path, ByteSpan payload);

std::string to_string(const FragmentView& fragment);

}  // namespace swarmcast::wire
