#include "engine/crypto/identity.h"

#include <array>

#include "engine/crypto/kdf.h"

namespace swarmcast::crypto {
namespace {

constexpr Label kSourceKeyLabel = "swarmcast source key v1";

Bytes<16> hash16(const CryptoProvider& crypto, std::span<const ByteSpan> parts) {
  Bytes<32> full;
  crypto.hash(full, {}, parts);
  Bytes<16> out;
  std::copy_n(full.begin(), out.size(), out.begin());
  return out;
}

}  // namespace

PeerId peer_id(const CryptoProvider& crypto, const PublicKey& key) {
  const std::array parts{ByteSpan(key)};
  return PeerId{hash16(crypto, parts)};
}

Bytes<16> source_key_hash(const CryptoProvider& crypto, const PublicKey& key) {
  const std::array parts{kSourceKeyLabel.bytes(), ByteSpan(key)};
  return hash16(crypto, parts);
}

}  // namespace swarmcast::crypto
