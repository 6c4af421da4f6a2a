// What a peer tells of itself to everybody: who it is, how to seal a signal for it, and what it can
// do. Never an address (spec/signalling.md).
#pragma once

#include "engine/base/crypto_provider.h"

namespace swarmcast {

// X25519 (RFC 7748), fresh for each join.
using BoxKey = Bytes<32>;

struct PeerRecord {
  PublicKey identity{};   // Ed25519; its hash is the peer's id
  BoxKey box_key{};       // what is meant for this peer is sealed to it
  bool dialable = false;  // it listens, and thinks that others can reach it
  bool browser = false;   // speaks only through SCTP data channels
  bool relay = false;     // takes children
  Signature signature{};  // by `identity` over all the rest
  bool operator==(const PeerRecord&) const = default;
};

}  // namespace swarmcast
