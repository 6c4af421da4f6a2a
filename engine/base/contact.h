// How to reach a peer.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "engine/base/bytes.h"
#include "engine/base/ids.h"
#include "engine/base/peer_record.h"

namespace swarmcast {

// An IP address and UDP port; IPv4 is kept as IPv4-mapped IPv6 (::ffff:a.b.c.d).
struct Endpoint {
  std::array<uint8_t, 16> ip{};
  uint16_t port = 0;
  auto operator<=>(const Endpoint&) const = default;
};

// SHA-256 of the DER form of a DTLS certificate (RFC 8122).
using Fingerprint = Bytes<32>;

// What a dialler needs (where, which certificate, and who must answer), what a caller needs whose
// signals others pass on (the record), or both.
struct Contact {
  PeerId peer;
  Endpoint endpoint;  // port 0: nobody can dial it
  Fingerprint fingerprint{};
  std::optional<PeerRecord> record{};

  bool dialable() const { return endpoint.port != 0; }
  bool operator==(const Contact&) const = default;
};

// An invite does not tell its entry's identity: then the address must do.
inline bool same_peer(const Contact& a, const Contact& b) {
  if (a.peer == b.peer && a.peer != PeerId{}) return true;
  return a.dialable() && a.endpoint == b.endpoint;
}

}  // namespace swarmcast
