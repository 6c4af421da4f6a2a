// The encoding of a LinkDescription (spec/signalling.md, "Link description").
//
//   | flags u8 | fingerprint (32) | text ufrag | text password | count u8 | candidate ... |
//   text      | length u8 | ice-chars |
//   candidate | type u8 | ip (16) | port u16 | priority u32 |
#pragma once

#include <optional>

#include "engine/base/byte_io.h"
#include "engine/base/link_description.h"

namespace swarmcast::wire {

inline constexpr size_t kCandidateSize = 1 + 16 + 2 + 4;
inline constexpr size_t kMaxLinkDescriptionSize =
    1 + 32 + 1 + kMaxIceUfragSize + 1 + kMaxIcePasswordSize + 1 + kMaxCandidates * kCandidateSize;

// `d` must be complete(); at most kMaxLinkDescriptionSize bytes.
void write_link_description(ByteWriter& out, const LinkDescription& d);
std::optional<LinkDescription> read_link_description(ByteReader& in);

}  // namespace swarmcast::wire
