// The proof that opens a link: both ends know the swarm secret and hold the keys they name, on this
// very DTLS connection (spec/link-handshake.md).
#pragma once

#include "engine/base/bytes.h"
#include "engine/base/contact.h"
#include "engine/base/crypto_provider.h"

namespace swarmcast::crypto {

// The initiator is the one that dialled.
enum class LinkRole { kInitiator, kResponder };

struct LinkEnd {
  PublicKey key{};
  Bytes<32> nonce{};
  Fingerprint fingerprint{};  // of the certificate this end showed in DTLS
};

struct LinkTranscript {
  uint8_t version = 1;
  LinkEnd initiator;
  LinkEnd responder;
};

struct LinkProof {
  Bytes<16> mac{};
  Signature signature{};
};

enum class ProofCheck {
  kValid,
  kWrongSecret,     // the MAC fails: another swarm's invite, or a man in the middle
  kWrongSignature,  // knows the secret, but does not hold the key it names
};

// What `role` sends. `key` is that end's key in the transcript; `secret` is the invite's.
LinkProof make_proof(const CryptoProvider& crypto, const Bytes<16>& secret, const SigningKey& key,
                     LinkRole role, const LinkTranscript& transcript);
// Checks what `role`, the other end, has sent.
ProofCheck check_proof(const CryptoProvider& crypto, const Bytes<16>& secret, LinkRole role,
                       const LinkTranscript& transcript, const LinkProof& proof);

}  // namespace swarmcast::crypto
