#include "engine/chunk/fragmenter.h"

#include <cstring>

#include "engine/base/check.h"

namespace swarmcast::chunk {

std::optional<uint8_t> source_fragments(uint32_t sealed_size, uint8_t r) {
  if (sealed_size <= kAeadTagSize || sealed_size > kMaxSealedFrameSize) return std::nullopt;
  FrameHeader header{.sealed_size = sealed_size, .r = r};
  // No fewer than if the tree had no path; then a step or two more for the path.
  size_t k = (sealed_size + kMaxFragmentPayload - 1) / kMaxFragmentPayload;
  for (; k <= kMaxSourceFragments && k + r <= kMaxFragmentsPerFrame; ++k) {
    header.k = static_cast<uint8_t>(k);
    if (fragment_message_size(header) <= kMaxFragmentMessageSize) return header.k;
  }
  return std::nullopt;
}

std::optional<FrameHeader> make_frame_header(const EncodedFrame& frame, EpochNumber epoch,
                                             uint8_t r) {
  const size_t size = frame.payload.size();
  if (size == 0 || size > kMaxFrameSize || frame.key != (frame.depends_on == 0))
    return std::nullopt;
  const uint32_t number = frame.number.value();
  if (frame.depends_on > number || frame.index_in_chunk > number) return std::nullopt;
  FrameHeader header{.id = {frame.track, frame.number},
                     .index_in_chunk = frame.index_in_chunk,
                     .temporal_id = frame.temporal_id,
                     .key = frame.key,
                     .depends_on = frame.depends_on,
                     .epoch = static_cast<uint8_t>(epoch.value()),
                     .capture = frame.capture,
                     .sealed_size = static_cast<uint32_t>(size + kAeadTagSize),
                     .r = r};
  const auto k = source_fragments(header.sealed_size, r);
  if (!k) return std::nullopt;
  header.k = *k;
  return header;
}

void lay_out_source(const FrameHeader& header, ByteSpan sealed, MutableByteSpan coded) {
  SWARMCAST_CHECK(sealed.size() == header.sealed_size && coded.size() >= coded_size(header));
  if (sealed.data() != coded.data()) std::memcpy(coded.data(), sealed.data(), sealed.size());
  const size_t padded = header.k * header.fragment_payload();
  std::memset(coded.data() + sealed.size(), 0, padded - sealed.size());
}

}  // namespace swarmcast::chunk
