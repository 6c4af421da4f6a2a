// A sealed frame as equal fragments: the last stage before erasure coding.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/bytes.h"
#include "engine/base/frame.h"

namespace swarmcast::chunk {

// The fewest source fragments for a sealed frame of `sealed_size` bytes next to `r` parity
// fragments so that every fragment message fits kMaxFragmentMessageSize. None if there is no such
// number (size out of range, or k + r over kMaxFragmentsPerFrame).
std::optional<uint8_t> source_fragments(uint32_t sealed_size, uint8_t r);

// The header of a frame that is to be sealed and sent with `r` parity fragments. None if the
// payload is empty or too long, if a non-key frame names no reference or one before the first
// frame, or if k + r is out of range.
std::optional<FrameHeader> make_frame_header(const EncodedFrame& frame, EpochNumber epoch,
                                             uint8_t r);

// Bytes that hold the payloads of all k + r fragments, one after the other.
constexpr size_t coded_size(const FrameHeader& header) {
  return header.total() * header.fragment_payload();
}

// Lays the sealed frame out as k source payloads at the start of `coded` (coded_size() bytes), the
// last one padded with zeroes. `sealed` may already be the start of `coded`.
void lay_out_source(const FrameHeader& header, ByteSpan sealed, MutableByteSpan coded);

// The payload of one fragment within `coded`.
inline MutableByteSpan coded_payload(const FrameHeader& header, MutableByteSpan coded,
                                     uint8_t index) {
  return coded.subspan(index * header.fragment_payload(), header.fragment_payload());
}

}  // namespace swarmcast::chunk
