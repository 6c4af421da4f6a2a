// Making and checking the records that peers tell of themselves (spec/signalling.md).
#pragma once

#include "engine/base/crypto_provider.h"
#include "engine/base/ids.h"
#include "engine/base/peer_record.h"

namespace swarmcast::crypto {

// Signs `record` with `key`, whose public half becomes its identity.
PeerRecord sign_record(const CryptoProvider& crypto, const SigningKey& key, PeerRecord record);

// True if it is really of the peer that goes by `peer`.
bool check_record(const CryptoProvider& crypto, const PeerId& peer, const PeerRecord& record);

}  // namespace swarmcast::crypto
