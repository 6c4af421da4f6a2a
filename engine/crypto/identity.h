// Short names of public keys.
#pragma once

#include "engine/base/bytes.h"
#include "engine/base/crypto_provider.h"
#include "engine/base/ids.h"

namespace swarmcast::crypto {

// First 16 bytes of BLAKE2b-256(key).
PeerId peer_id(const CryptoProvider& crypto, const PublicKey& key);

// What the invite says of the source: first 16 bytes of
// BLAKE2b-256("swarmcast source key v1" || key).
Bytes<16> source_key_hash(const CryptoProvider& crypto, const PublicKey& key);

}  // namespace swarmcast::crypto
