// A repair without its frame's signature, which the receiver has from another fragment
// (spec/fragment.md, "Lean repairs").
#pragma once

#include <optional>

#include "engine/base/bytes.h"
#include "engine/base/crypto_provider.h"
#include "engine/base/ids.h"
#include "engine/base/limits.h"

namespace swarmcast::wire {

inline constexpr uint8_t kHopLeanFlag = 0x40;
inline constexpr size_t kMaxLeanRepairSize = kMaxMessageSize - kSignatureSize;

// By type and flags; nothing else is checked.
bool is_lean_repair(ByteSpan message);
// `repair` is a whole one, its hop header and trailer written. Gives the bytes written to `out`,
// which holds at least repair.size() - kSignatureSize.
size_t write_lean_repair(MutableByteSpan out, ByteSpan repair);

// Whose signature it needs; nullopt if it is too short or too long for a repair.
std::optional<FrameId> frame_of_lean_repair(ByteSpan lean);
// The whole repair, for parse_fragment() to judge; `lean` is one that frame_of_lean_repair() took.
MutableByteSpan restore_repair(MutableByteSpan out, ByteSpan lean, const Signature& signature);

}  // namespace swarmcast::wire
