// The encoding of a Contact, shared by the bodies that hold some (spec/control.md).
//
//   | kind u8 | peer id (16) | [ip (16) | port (2) | fingerprint (32)] | [record (129)] |
//   kind: bit 0 with an address, bit 1 with a record
#pragma once

#include <optional>

#include "engine/base/byte_io.h"
#include "engine/base/contact.h"
#include "engine/wire/peer_record.h"

namespace swarmcast::wire {

inline constexpr size_t kEndpointSize = 16 + 2;
inline constexpr size_t kMaxContactSize = 1 + 16 + kEndpointSize + 32 + kPeerRecordSize;

inline size_t contact_size(const Contact& c) {
  return 1 + 16 + (c.dialable() ? kEndpointSize + 32 : 0) + (c.record ? kPeerRecordSize : 0);
}

inline void write_endpoint(ByteWriter& out, const Endpoint& e) {
  out.bytes(e.ip);
  out.u16(e.port);
}
inline Endpoint read_endpoint(ByteReader& in) {
  Endpoint e;
  e.ip = in.array<16>();
  e.port = in.u16();
  return e;
}
// Our own fault if it has neither address nor record.
inline void write_contact(ByteWriter& out, const Contact& c) {
  SWARMCAST_CHECK(c.dialable() || c.record);
  out.u8((c.dialable() ? 1 : 0) | (c.record ? 2 : 0));
  out.bytes(c.peer.bytes);
  if (c.dialable()) {
    write_endpoint(out, c.endpoint);
    out.bytes(c.fingerprint);
  }
  if (c.record) write_peer_record(out, *c.record);
}
inline std::optional<Contact> read_contact(ByteReader& in) {
  const uint8_t kind = in.u8();
  Contact c;
  c.peer.bytes = in.array<16>();
  if (kind & 1) {
    c.endpoint = read_endpoint(in);
    c.fingerprint = in.array<32>();
    if (!c.dialable()) return std::nullopt;
  }
  if (kind & 2) {
    c.record = read_peer_record(in);
    if (!c.record) return std::nullopt;
  }
  const bool valid = in.ok() && kind >= 1 && kind <= 3;
  return valid ? std::optional(c) : std::nullopt;
}

}  // namespace swarmcast::wire
