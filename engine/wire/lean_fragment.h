// A fragment without what all fragments of its frame have in common, which the receiver has from
// another one (spec/fragment.md, "Lean fragments").
//
//   0        1        2                 4       5                 9       10
//   | 0x20   | hop    | link sequence   | track | number          | index |
//   | path, less the last sibling (8 * (ceil(log2(k + r)) - 1)) | payload | answers (2), repairs |
#pragma once

#include <optional>

#include "engine/base/bytes.h"
#include "engine/base/fragment.h"
#include "engine/base/limits.h"

namespace swarmcast::wire {

inline constexpr uint8_t kHopLeanFlag = 0x40;
inline constexpr size_t kLeanHeaderSize = kHopHeaderSize + 1 + 4 + 1;
// What a lean fragment is shorter by: the rest of the frame header, signature, one sibling.
inline constexpr size_t kLeanSaving =
    kFragmentHeaderSize - kLeanHeaderSize + kSignatureSize + kMerkleNodeSize;
inline constexpr size_t kMaxLeanSize = kMaxMessageSize - kLeanSaving;

// By type and flag; nothing else is checked.
bool is_lean_fragment(ByteSpan message);
// A frame of one fragment has nothing to leave out.
constexpr bool can_be_lean(const FrameHeader& header) { return header.total() > 1; }
// `whole` is a valid one of a frame that can_be_lean(), its hop header and trailer written. Gives
// the bytes written to `out`, which holds at least whole.size() - kLeanSaving.
size_t write_lean_fragment(MutableByteSpan out, ByteSpan whole);

// Which one it claims to be; nullopt if it is too short, too long or of no track.
std::optional<FragmentId> id_of_lean_fragment(ByteSpan lean);
// The same of any fragment.
std::optional<FragmentId> id_of_fragment(ByteSpan message);

// The whole fragment, for parse_fragment() to judge. `lean` is one that id_of_lean_fragment() took,
// `proof` that of its frame.
MutableByteSpan restore_fragment(MutableByteSpan out, ByteSpan lean, const FrameProof& proof);

}  // namespace swarmcast::wire
