// The encoding of a PeerRecord (spec/signalling.md, "Peer record").
//
//   | flags u8 | identity (32) | box key (32) | signature (64) |
#pragma once

#include <optional>

#include "engine/base/byte_io.h"
#include "engine/base/peer_record.h"

namespace swarmcast::wire {

inline constexpr size_t kSignedRecordSize = 1 + 32 + 32;  // what the signature covers
inline constexpr size_t kPeerRecordSize = kSignedRecordSize + kSignatureSize;

inline void write_signed_record(ByteWriter& out, const PeerRecord& r) {
  out.u8((r.dialable ? 1 : 0) | (r.browser ? 2 : 0) | (r.relay ? 4 : 0));
  out.bytes(r.identity);
  out.bytes(r.box_key);
}
inline void write_peer_record(ByteWriter& out, const PeerRecord& r) {
  write_signed_record(out, r);
  out.bytes(r.signature);
}
// The signature is not checked: crypto/peer_record.h does.
inline std::optional<PeerRecord> read_peer_record(ByteReader& in) {
  const uint8_t flags = in.u8();
  PeerRecord r{
      .dialable = (flags & 1) != 0, .browser = (flags & 2) != 0, .relay = (flags & 4) != 0};
  r.identity = in.array<32>();
  r.box_key = in.array<32>();
  r.signature = in.array<64>();
  return in.ok() && flags <= 7 ? std::optional(r) : std::nullopt;
}

}  // namespace swarmcast::wire
