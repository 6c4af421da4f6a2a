// The cryptographic primitives the engine needs, supplied by the host (libsodium everywhere;
// a cheap deterministic one in big simulations).
#pragma once

#include <array>
#include <cstdint>

#include "engine/base/bytes.h"
#include "engine/base/limits.h"

namespace swarmcast {

using PublicKey = Bytes<kPublicKeySize>;
using Signature = Bytes<kSignatureSize>;

// Ed25519 secret key in libsodium's form: 32-byte seed, then the public key.
struct SigningKey {
  Bytes<64> bytes{};
  PublicKey public_key() const;
};

class CryptoProvider {
 public:
  virtual ~CryptoProvider() = default;

  // BLAKE2b (RFC 7693), 8 <= out.size() <= 64, key of 0 or 16..64 bytes. The message is the
  // concatenation of `parts`.
  virtual void hash(MutableByteSpan out, ByteSpan key, std::span<const ByteSpan> parts) const = 0;

  // ChaCha20-Poly1305 (RFC 8439). out.size() == plaintext.size() + 16; `out` may start where
  // `plaintext` starts.
  virtual void seal(MutableByteSpan out, const Bytes<32>& key, const Bytes<12>& nonce,
                    ByteSpan associated_data, ByteSpan plaintext) const = 0;
  // out.size() + 16 == sealed.size(); false and `out` zeroed if the tag does not match.
  virtual bool open(MutableByteSpan out, const Bytes<32>& key, const Bytes<12>& nonce,
                    ByteSpan associated_data, ByteSpan sealed) const = 0;

  // Ed25519 (RFC 8032).
  virtual SigningKey signing_key_from_seed(const Bytes<32>& seed) const = 0;
  virtual Signature sign(const SigningKey& key, ByteSpan message) const = 0;
  virtual bool verify(const PublicKey& key, ByteSpan message, const Signature& sig) const = 0;

  // X25519 (RFC 7748).
  virtual Bytes<32> exchange_public_key(const Bytes<32>& secret) const = 0;
  // False and `shared` zeroed if `public_key` is of small order. The caller wipes `shared`, and
  // never uses it without deriving a key from it.
  virtual bool exchange(Bytes<32>& shared, const Bytes<32>& secret,
                        const Bytes<32>& public_key) const = 0;

  // Overwrites memory in a way no compiler removes.
  virtual void wipe(MutableByteSpan memory) const = 0;
};

inline PublicKey SigningKey::public_key() const {
  PublicKey out;
  std::copy(bytes.begin() + 32, bytes.end(), out.begin());
  return out;
}

}  // namespace swarmcast
