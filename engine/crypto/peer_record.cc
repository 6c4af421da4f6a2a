#include "engine/crypto/peer_record.h"

#include "engine/crypto/identity.h"
#include "engine/crypto/kdf.h"
#include "engine/wire/peer_record.h"

namespace swarmcast::crypto {
namespace {

constexpr Label kLabel = "swarmcast peer record v1";
constexpr size_t kStatementSize = 25 + wire::kSignedRecordSize;

Bytes<kStatementSize> statement(const PeerRecord& record) {
  Bytes<kStatementSize> bytes;
  ByteWriter out(bytes);
  out.bytes(kLabel.bytes());
  wire::write_signed_record(out, record);
  SWARMCAST_CHECK(out.space() == 0);
  return bytes;
}

}  // namespace

PeerRecord sign_record(const CryptoProvider& crypto, const SigningKey& key, PeerRecord record) {
  record.identity = key.public_key();
  record.signature = crypto.sign(key, statement(record));
  return record;
}

bool check_record(const CryptoProvider& crypto, const PeerId& peer, const PeerRecord& record) {
  return peer_id(crypto, record.identity) == peer &&
         crypto.verify(record.identity, statement(record), record.signature);
}

}  // namespace swarmcast::crypto
