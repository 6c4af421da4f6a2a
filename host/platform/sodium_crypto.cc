#include "host/platform/sodium_crypto.h"

#include <sodium.h>

#include "engine/base/check.h"

namespace swarmcast::platform {
namespace {

class SodiumCrypto final : public CryptoProvider {
 public:
  SodiumCrypto() { SWARMCAST_CHECK(sodium_init() >= 0); }

  void hash(MutableByteSpan out, ByteSpan key, std::span<const ByteSpan> parts) const override {
    crypto_generichash_state state;
    SWARMCAST_CHECK(crypto_generichash_init(&state, key.data(), key.size(), out.size()) == 0);
    for (ByteSpan part : parts) crypto_generichash_update(&state, part.data(), part.size());
    crypto_generichash_final(&state, out.data(), out.size());
    sodium_memzero(&state, sizeof state);
  }

  void seal(MutableByteSpan out, const Bytes<32>& key, const Bytes<12>& nonce, ByteSpan ad,
            ByteSpan plaintext) const override {
    SWARMCAST_CHECK(out.size() == plaintext.size() + kAeadTagSize);
    crypto_aead_chacha20poly1305_ietf_encrypt(out.data(), nullptr, plaintext.data(),
                                              plaintext.size(), ad.data(), ad.size(), nullptr,
                                              nonce.data(), key.data());
  }

  bool open(MutableByteSpan out, const Bytes<32>& key, const Bytes<12>& nonce, ByteSpan ad,
            ByteSpan sealed) const override {
    SWARMCAST_CHECK(out.size() + kAeadTagSize == sealed.size());
    return crypto_aead_chacha20poly1305_ietf_decrypt(out.data(), nullptr, nullptr, sealed.data(),
                                                     sealed.size(), ad.data(), ad.size(),
                                                     nonce.data(), key.data()) == 0;
  }

  SigningKey signing_key_from_seed(const Bytes<32>& seed) const override {
    SigningKey key;
    PublicKey public_key;
    crypto_sign_seed_keypair(public_key.data(), key.bytes.data(), seed.data());
    return key;
  }

  Signature sign(const SigningKey& key, ByteSpan message) const override {
    Signature signature;
    crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(),
                         key.bytes.data());
    return signature;
  }

  bool verify(const PublicKey& key, ByteSpan message, const Signature& sig) const override {
    return crypto_sign_verify_detached(sig.data(), message.data(), message.size(), key.data()) == 0;
  }

  Bytes<32> exchange_public_key(const Bytes<32>& secret) const override {
    Bytes<32> out;
    SWARMCAST_CHECK(crypto_scalarmult_curve25519_base(out.data(), secret.data()) == 0);
    return out;
  }

  bool exchange(Bytes<32>& shared, const Bytes<32>& secret,
                const Bytes<32>& public_key) const override {
    if (crypto_scalarmult_curve25519(shared.data(), secret.data(), public_key.data()) == 0)
      return true;
    shared = {};
    return false;
  }

  void wipe(MutableByteSpan memory) const override { sodium_memzero(memory.data(), memory.size()); }
};

}  // namespace

const CryptoProvider& sodium_crypto() {
  static const SodiumCrypto instance;
  return instance;
}

void system_random(MutableByteSpan out) {
  sodium_crypto();
  randombytes_buf(out.data(), out.size());
}

}  // namespace swarmcast::platform
