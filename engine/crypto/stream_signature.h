// What the source states to all, signed; the label says what kind of statement it is.
#pragma once

#include "engine/base/bytes.h"
#include "engine/base/crypto_provider.h"

namespace swarmcast::crypto {

enum class Statement {
  kStreamDescription,  // "swarmcast stream v1"
  kEpoch,              // "swarmcast epoch v1"
  kHeartbeat,          // "swarmcast heartbeat v1"
  kTombstone,          // "swarmcast tombstone v1"
};

// Ed25519 over label || body; body.size() <= kMaxMessageSize.
Signature sign_statement(const CryptoProvider& crypto, const SigningKey& key, Statement kind,
                         ByteSpan body);
// False too for a body longer than kMaxMessageSize.
bool verify_statement(const CryptoProvider& crypto, const PublicKey& key, Statement kind,
                      ByteSpan body, const Signature& signature);

}  // namespace swarmcast::crypto
