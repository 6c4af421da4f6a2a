#include "engine/wire/lean_fragment.h"

#include "engine/base/byte_io.h"
#include "engine/wire/fragment.h"

namespace swarmcast::wire {
namespace {

size_t trailer_of(ByteSpan message) { return message[1] & kHopRepairFlag ? kRepairTrailerSize : 0; }

}  // namespace

bool is_lean_fragment(ByteSpan message) {
  return message.size() >= kHopHeaderSize && message[0] == kFragmentType &&
         message[1] & kHopLeanFlag;
}

size_t write_lean_fragment(MutableByteSpan out, ByteSpan whole) {
  const auto view = parse_fragment(whole);
  SWARMCAST_CHECK(view && can_be_lean(view->header));
  ByteWriter writer(out);
  writer.bytes(whole.first(kHopHeaderSize));
  writer.u8(view->header.id.track.value());
  writer.u32(view->header.id.number.value());
  writer.u8(view->index);
  writer.bytes(view->path.first(view->path.size() - kMerkleNodeSize));
  writer.bytes(view->payload);
  writer.bytes(whole.last(trailer_of(whole)));
  out[1] |= kHopLeanFlag;
  return whole.size() - kLeanSaving;
}

std::optional<FragmentId> id_of_lean_fragment(ByteSpan lean) {
  if (lean.size() > kMaxLeanSize || lean.size() <= kLeanHeaderSize) return std::nullopt;
  if (lean.size() <= kLeanHeaderSize + trailer_of(lean)) return std::nullopt;
  ByteReader in(lean.subspan(kHopHeaderSize));
  FragmentId id;
  id.frame.track = TrackId(in.u8());
  id.frame.number = FrameNumber(in.u32());
  id.index = in.u8();
  if (id.frame.track.value() >= kMaxTracks) return std::nullopt;
  return id;
}

std::optional<FragmentId> id_of_fragment(ByteSpan message) {
  if (is_lean_fragment(message)) return id_of_lean_fragment(message);
  const auto whole = parse_fragment(message);
  return whole ? std::optional(whole->id()) : std::nullopt;
}

MutableByteSpan restore_fragment(MutableByteSpan out, ByteSpan lean, const FrameProof& proof) {
  const size_t depth = merkle_depth(proof.header.total());
  const uint8_t index = lean[kLeanHeaderSize - 1];
  const ByteSpan rest = lean.subspan(kLeanHeaderSize);
  // Of a frame of one fragment, or too short for the path: what results has no valid size.
  const size_t lower = depth > 0 ? std::min((depth - 1) * kMerkleNodeSize, rest.size()) : 0;
  const size_t side = depth > 0 ? index >> (depth - 1) & 1 : 0;
  ByteWriter writer(out);
  writer.bytes(lean.first(kHopHeaderSize));
  writer.bytes(encode_frame_header(proof.header));
  writer.u8(index);
  writer.bytes(proof.signature);
  writer.bytes(rest.first(lower));
  writer.bytes(proof.top[1 - side]);
  writer.bytes(rest.subspan(lower));
  out[1] &= static_cast<uint8_t>(~kHopLeanFlag);
  return out.first(lean.size() + kLeanSaving);
}

}  // namespace swarmcast::wire
