// How to dial a peer.
#pragma once

#include <array>
#include <cstdint>

#include "engine/base/bytes.h"
#include "engine/base/ids.h"

namespace swarmcast {

// An IP address and UDP port; IPv4 is kept as IPv4-mapped IPv6 (::ffff:a.b.c.d).
struct Endpoint {
  std::array<uint8_t, 16> ip{};
  uint16_t port = 0;
  auto operator<=>(const Endpoint&) const = default;
};

// SHA-256 of the DER form of a DTLS certificate (RFC 8122).
using Fingerprint = Bytes<32>;

// What a dialler needs: where, which certificate, and who must answer.
struct Contact {
  PeerId peer;
  Endpoint endpoint;
  Fingerprint fingerprint{};
  bool operator==(const Contact&) const = default;
};

}  // namespace swarmcast
