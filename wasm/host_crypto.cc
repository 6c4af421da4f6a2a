#include "wasm/host_crypto.h"

#include "engine/base/check.h"

// What web/core/crypto.ts provides. Sizes that are fixed are not passed.
#define SWARMCAST_IMPORT(name) extern "C" __attribute__((import_module("host"), import_name(#name)))

SWARMCAST_IMPORT(hash)
void host_hash(uint8_t* out, size_t out_size, const uint8_t* key, size_t key_size,
               const swarmcast::ByteSpan* parts, size_t count);
SWARMCAST_IMPORT(seal)
void host_seal(uint8_t* out, const uint8_t* key, const uint8_t* nonce, const uint8_t* associated,
               size_t associated_size, const uint8_t* plaintext, size_t size);
SWARMCAST_IMPORT(open)
uint32_t host_open(uint8_t* out, const uint8_t* key, const uint8_t* nonce,
                   const uint8_t* associated, size_t associated_size, const uint8_t* sealed,
                   size_t size);
SWARMCAST_IMPORT(signing_key)
void host_signing_key(uint8_t* key, const uint8_t* seed);
SWARMCAST_IMPORT(sign)
void host_sign(uint8_t* signature, const uint8_t* key, const uint8_t* message, size_t size);
SWARMCAST_IMPORT(verify)
uint32_t host_verify(const uint8_t* key, const uint8_t* message, size_t size,
                     const uint8_t* signature);
SWARMCAST_IMPORT(exchange_public_key)
void host_exchange_public_key(uint8_t* out, const uint8_t* secret);
SWARMCAST_IMPORT(exchange)
uint32_t host_exchange(uint8_t* shared, const uint8_t* secret, const uint8_t* public_key);

namespace swarmcast::wasm {
namespace {

// The host reads the parts of a hash as pairs of words.
static_assert(sizeof(ByteSpan) == 8);

class HostCrypto final : public CryptoProvider {
 public:
  void hash(MutableByteSpan out, ByteSpan key, std::span<const ByteSpan> parts) const override {
    host_hash(out.data(), out.size(), key.data(), key.size(), parts.data(), parts.size());
  }

  void seal(MutableByteSpan out, const Bytes<32>& key, const Bytes<12>& nonce,
            ByteSpan associated_data, ByteSpan plaintext) const override {
    SWARMCAST_CHECK(out.size() == plaintext.size() + kAeadTagSize);
    host_seal(out.data(), key.data(), nonce.data(), associated_data.data(), associated_data.size(),
              plaintext.data(), plaintext.size());
  }

  bool open(MutableByteSpan out, const Bytes<32>& key, const Bytes<12>& nonce,
            ByteSpan associated_data, ByteSpan sealed) const override {
    SWARMCAST_CHECK(out.size() + kAeadTagSize == sealed.size());
    return host_open(out.data(), key.data(), nonce.data(), associated_data.data(),
                     associated_data.size(), sealed.data(), sealed.size()) != 0;
  }

  SigningKey signing_key_from_seed(const Bytes<32>& seed) const override {
    SigningKey key;
    host_signing_key(key.bytes.data(), seed.data());
    return key;
  }

  Signature sign(const SigningKey& key, ByteSpan message) const override {
    Signature signature;
    host_sign(signature.data(), key.bytes.data(), message.data(), message.size());
    return signature;
  }

  bool verify(const PublicKey& key, ByteSpan message, const Signature& sig) const override {
    return host_verify(key.data(), message.data(), message.size(), sig.data()) != 0;
  }

  Bytes<32> exchange_public_key(const Bytes<32>& secret) const override {
    Bytes<32> out;
    host_exchange_public_key(out.data(), secret.data());
    return out;
  }

  bool exchange(Bytes<32>& shared, const Bytes<32>& secret,
                const Bytes<32>& public_key) const override {
    return host_exchange(shared.data(), secret.data(), public_key.data()) != 0;
  }

  void wipe(MutableByteSpan memory) const override {
    std::ranges::fill(memory, uint8_t{0});
    asm volatile("" : : "r"(memory.data()) : "memory");  // the compiler must assume that it is read
  }
};

constinit const HostCrypto instance;

}  // namespace

const CryptoProvider& host_crypto() { return instance; }

}  // namespace swarmcast::wasm
