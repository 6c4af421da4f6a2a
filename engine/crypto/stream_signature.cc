#include "engine/crypto/stream_signature.h"

#include "engine/base/byte_io.h"
#include "engine/crypto/kdf.h"

namespace swarmcast::crypto {
namespace {

constexpr size_t kMaxLabelSize = 32;

Label label_of(Statement kind) {
  switch (kind) {
    case Statement::kStreamDescription:
      return "swarmcast stream v1";
    case Statement::kEpoch:
      return "swarmcast epoch v1";
    case Statement::kHeartbeat:
      return "swarmcast heartbeat v1";
    case Statement::kTombstone:
      return "swarmcast tombstone v1";
  }
  SWARMCAST_CHECK(false);
}

using StatementBuffer = Bytes<kMaxLabelSize + kMaxMessageSize>;

// label || body, contiguous as Ed25519 wants it.
ByteSpan signed_text(StatementBuffer& buffer, Statement kind, ByteSpan body) {
  ByteWriter out(buffer);
  out.bytes(label_of(kind).bytes());
  out.bytes(body);
  return out.written();
}

}  // namespace

Signature sign_statement(const CryptoProvider& crypto, const SigningKey& key, Statement kind,
                         ByteSpan body) {
  SWARMCAST_CHECK(body.size() <= kMaxMessageSize);
  StatementBuffer buffer;
  return crypto.sign(key, signed_text(buffer, kind, body));
}

bool verify_statement(const CryptoProvider& crypto, const PublicKey& key, Statement kind,
                      ByteSpan body, const Signature& signature) {
  if (body.size() > kMaxMessageSize) return false;
  StatementBuffer buffer;
  return crypto.verify(key, signed_text(buffer, kind, body), signature);
}

}  // namespace swarmcast::crypto
