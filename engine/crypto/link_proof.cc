#include "engine/crypto/link_proof.h"

#include "engine/base/byte_io.h"
#include "engine/crypto/kdf.h"

namespace swarmcast::crypto {
namespace {

constexpr Label kInitiatorLabel = "swarmcast link initiator v1";
constexpr Label kResponderLabel = "swarmcast link responder v1";
constexpr size_t kLabelSize = 28;
constexpr size_t kStatementSize = kLabelSize + 1 + 2 * (kPublicKeySize + 32 + 32);

// label of the prover's role || version || initiator's key, nonce, fingerprint || responder's
Bytes<kStatementSize> statement(LinkRole prover, const LinkTranscript& t) {
  Bytes<kStatementSize> bytes;
  ByteWriter out(bytes);
  out.bytes((prover == LinkRole::kInitiator ? kInitiatorLabel : kResponderLabel).bytes());
  out.u8(t.version);
  for (const LinkEnd* end : {&t.initiator, &t.responder}) {
    out.bytes(end->key);
    out.bytes(end->nonce);
    out.bytes(end->fingerprint);
  }
  SWARMCAST_CHECK(out.space() == 0);
  return bytes;
}

Bytes<16> mac_of(const CryptoProvider& crypto, const Bytes<16>& secret, ByteSpan statement) {
  Bytes<16> mac;
  crypto.hash(mac, secret, std::array{statement});
  return mac;
}

const PublicKey& key_of(LinkRole role, const LinkTranscript& t) {
  return role == LinkRole::kInitiator ? t.initiator.key : t.responder.key;
}

}  // namespace

LinkProof make_proof(const CryptoProvider& crypto, const Bytes<16>& secret, const SigningKey& key,
                     LinkRole role, const LinkTranscript& transcript) {
  SWARMCAST_CHECK(key.public_key() == key_of(role, transcript));
  const auto text = statement(role, transcript);
  return {.mac = mac_of(crypto, secret, text), .signature = crypto.sign(key, text)};
}

ProofCheck check_proof(const CryptoProvider& crypto, const Bytes<16>& secret, LinkRole role,
                       const LinkTranscript& transcript, const LinkProof& proof) {
  const auto text = statement(role, transcript);
  if (!constant_time_equal(mac_of(crypto, secret, text), proof.mac))
    return ProofCheck::kWrongSecret;
  if (!crypto.verify(key_of(role, transcript), text, proof.signature))
    return ProofCheck::kWrongSignature;
  return ProofCheck::kValid;
}

}  // namespace swarmcast::crypto
