// The greeting on an external path, sealed with nothing but the swarm secret: each side's record,
// so that all further signals can be sealed to its key (spec/signalling.md, "External paths").
#pragma once

#include <optional>

#include "engine/base/crypto_provider.h"
#include "engine/base/peer_record.h"
#include "engine/wire/signal.h"

namespace swarmcast::crypto {

using GreetingNonce = Bytes<32>;

// PATH_ASK; `nonce` is fresh.
Bytes<wire::kGreetingSize> seal_ask(const CryptoProvider& crypto, const Bytes<16>& secret,
                                    const GreetingNonce& nonce, const PeerRecord& record);
// PATH_ANSWER to the ask with `asked`; `nonce` is fresh.
Bytes<wire::kGreetingSize> seal_answer(const CryptoProvider& crypto, const Bytes<16>& secret,
                                       const GreetingNonce& asked, const GreetingNonce& nonce,
                                       const PeerRecord& record);

// The record inside, its signature checked; nullopt if it does not open or is not what it should
// be.
std::optional<PeerRecord> open_ask(const CryptoProvider& crypto, const Bytes<16>& secret,
                                   const wire::GreetingView& ask);
std::optional<PeerRecord> open_answer(const CryptoProvider& crypto, const Bytes<16>& secret,
                                      const GreetingNonce& asked, const wire::GreetingView& answer);

}  // namespace swarmcast::crypto
