// The encoding of a Contact, shared by the bodies that hold some (spec/control.md).
//
//   | peer id (16) | ip (16) | port (2) | fingerprint (32) |
#pragma once

#include "engine/base/byte_io.h"
#include "engine/base/contact.h"

namespace swarmcast::wire {

inline constexpr size_t kEndpointSize = 16 + 2;
inline constexpr size_t kContactSize = 16 + kEndpointSize + 32;

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
inline void write_contact(ByteWriter& out, const Contact& c) {
  out.bytes(c.peer.bytes);
  write_endpoint(out, c.endpoint);
  out.bytes(c.fingerprint);
}
inline Contact read_contact(ByteReader& in) {
  Contact c;
  c.peer.bytes = in.array<16>();
  c.endpoint = read_endpoint(in);
  c.fingerprint = in.array<32>();
  return c;
}

}  // namespace swarmcast::wire
