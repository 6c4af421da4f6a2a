#include "engine/wire/lean_repair.h"

#include "engine/base/byte_io.h"
#include "engine/wire/fragment.h"

namespace swarmcast::wire {
namespace {

constexpr uint8_t kFlags = kHopRepairFlag | kHopLeanFlag;

}  // namespace

bool is_lean_repair(ByteSpan message) {
  return message.size() >= kHopHeaderSize && message[0] == kFragmentType &&
         (message[1] & kFlags) == kFlags;
}

size_t write_lean_repair(MutableByteSpan out, ByteSpan repair) {
  ByteWriter writer(out);
  writer.bytes(repair.first(kFragmentHeaderSize));
  writer.bytes(repair.subspan(kFragmentHeaderSize + kSignatureSize));
  out[1] |= kHopLeanFlag;
  return repair.size() - kSignatureSize;
}

std::optional<FrameId> frame_of_lean_repair(ByteSpan lean) {
  if (lean.size() < kFragmentHeaderSize + kRepairTrailerSize || lean.size() > kMaxLeanRepairSize)
    return std::nullopt;
  ByteReader in(lean.subspan(kHopHeaderSize));
  FrameId id;
  id.track = TrackId(in.u8());
  in.bytes(3);  // flags, dep, epoch
  id.number = FrameNumber(in.u32());
  return id;
}

MutableByteSpan restore_repair(MutableByteSpan out, ByteSpan lean, const Signature& signature) {
  ByteWriter writer(out);
  writer.bytes(lean.first(kFragmentHeaderSize));
  writer.bytes(signature);
  writer.bytes(lean.subspan(kFragmentHeaderSize));
  out[1] &= static_cast<uint8_t>(~kHopLeanFlag);
  return out.first(lean.size() + kSignatureSize);
}

}  // namespace swarmcast::wire
