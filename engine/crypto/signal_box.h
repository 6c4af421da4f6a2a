// Signals sealed to one peer: X25519 with a fresh key and the swarm secret as pre-shared key, in
// the spirit of HPKE (RFC 9180), signed inside by the sender (spec/signalling.md, "SIGNAL").
#pragma once

#include <optional>

#include "engine/base/crypto_provider.h"
#include "engine/base/ids.h"
#include "engine/base/peer_record.h"
#include "engine/wire/signal.h"

namespace swarmcast::crypto {

// One end's keys, owned by whoever lends them.
struct SignalKeys {
  const Bytes<16>& swarm_secret;
  const SigningKey& identity;
  const Bytes<32>& box_secret;  // X25519
  PeerId id;                    // of `identity`
  BoxKey box_key{};             // public half of `box_secret`
};

// A signal to `to`, whose box key is `box_key`, with all its hops before it. `ephemeral_secret`
// must be fresh; the caller wipes it. All zeroes if `box_key` is of small order.
Bytes<wire::kSignalSize> seal_signal(const CryptoProvider& crypto, const SignalKeys& self,
                                     const PeerId& to, const BoxKey& box_key,
                                     const Bytes<32>& ephemeral_secret,
                                     const wire::SignalText& text);

// What was inside. Who wrote it is not known before is_from() says so.
struct OpenedSignal {
  wire::SignalText text;
  Bytes<wire::kSignalTextSize> bytes{};  // the text as it was signed, and its signature
};
// nullopt: not for us, not of this swarm, altered, or malformed inside.
std::optional<OpenedSignal> open_signal(const CryptoProvider& crypto, const SignalKeys& self,
                                        const wire::SignalView& signal);
// True if the holder of `identity`, who goes by signal.from, has written it.
bool is_from(const CryptoProvider& crypto, const PublicKey& identity, const SignalKeys& self,
             const wire::SignalView& signal, const OpenedSignal& opened);

}  // namespace swarmcast::crypto
