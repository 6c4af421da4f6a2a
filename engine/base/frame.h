// Structs of a frame that cross rooms.
#pragma once

#include <cstdint>

#include "engine/base/bytes.h"
#include "engine/base/ids.h"
#include "engine/base/limits.h"
#include "engine/base/time.h"

namespace swarmcast {

// What an encoder gives and a decoder gets. `payload` is borrowed: valid during the call that
// hands it over.
struct EncodedFrame {
  TrackId track;
  FrameNumber number;          // set by the engine on publishing
  uint8_t index_in_chunk = 0;  // 0 starts a chunk (a T0 frame; every audio frame)
  uint8_t temporal_id = 0;     // 0..2; audio 0
  bool key = false;            // decodable by itself; every audio frame
  uint8_t depends_on = 0;      // frames back on the same track; 0 = none. Further references are
                               // ancestors of that one.
  StreamTime capture;          // set by the engine on publishing
  ByteSpan payload;            // one access unit (H.264 Annex B) or one Opus packet
};

// The signed header that every fragment of a frame repeats (spec/fragment.md).
struct FrameHeader {
  FrameId id;
  uint8_t index_in_chunk = 0;  // 0..15
  uint8_t temporal_id = 0;     // 0..3
  bool key = false;
  uint8_t depends_on = 0;  // frames back, 0 = none
  uint8_t epoch = 0;       // low byte of the epoch number
  StreamTime capture;
  uint32_t sealed_size = 0;  // bytes, tag included; 17..kMaxSealedFrameSize
  uint8_t k = 1;             // source fragments
  uint8_t r = 0;             // parity fragments

  constexpr ChunkId chunk() const { return ChunkId(id.number.value() - index_in_chunk); }
  constexpr uint8_t total() const { return static_cast<uint8_t>(k + r); }
  // Every fragment of the frame carries this many bytes; the last source fragment is zero-padded.
  constexpr size_t fragment_payload() const { return (sealed_size + k - 1) / k; }
  bool operator==(const FrameHeader&) const = default;
};

// Siblings on the way from one of `leaves` leaves to the root: ceil(log2(leaves)).
constexpr size_t merkle_depth(size_t leaves) {
  size_t depth = 0;
  while ((size_t{1} << depth) < leaves) ++depth;
  return depth;
}

constexpr size_t fragment_message_size(const FrameHeader& h) {
  return kFragmentHeaderSize + kSignatureSize + merkle_depth(size_t{h.k} + h.r) * kMerkleNodeSize +
         (h.sealed_size + h.k - 1) / h.k;
}

}  // namespace swarmcast
