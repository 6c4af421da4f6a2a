#include "sim/world/cheap_crypto.h"

#include <cstring>

#include "sim/world/digest.h"

namespace swarmcast::sim {
namespace {

// What a digest is for: no two uses give the same.
enum Purpose : uint64_t { kHash = 1, kTag, kPublicKey, kSignature };

// The group of the key exchange: the integers below the Mersenne prime 2^61 - 1, multiplied.
constexpr uint64_t kPrime = (uint64_t{1} << 61) - 1;
constexpr uint64_t kGenerator = 37;

uint64_t multiply(uint64_t a, uint64_t b) {
  return static_cast<uint64_t>(static_cast<unsigned __int128>(a) * b % kPrime);
}

uint64_t scalar(const Bytes<32>& secret) { return digest(secret) % (kPrime - 1) + 1; }

// As many bytes as are wanted, from one word.
void expand(uint64_t word, MutableByteSpan out) {
  for (size_t i = 0; i < out.size(); i += sizeof word) {
    word = mix(word, i + 1);
    std::memcpy(out.data() + i, &word, std::min(sizeof word, out.size() - i));
  }
}

Bytes<kAeadTagSize> tag_of(const Bytes<32>& key, const Bytes<12>& nonce, ByteSpan associated_data,
                           ByteSpan text) {
  Digest d(kTag);
  d.add(key);
  d.add(nonce);
  d.add(associated_data);
  d.add(text);
  Bytes<kAeadTagSize> tag;
  expand(d.value(), tag);
  return tag;
}

// Whoever knows the public key could sign: nobody here does.
Signature signature_of(const PublicKey& key, ByteSpan message) {
  Digest d(kSignature);
  d.add(key);
  d.add(message);
  Signature out;
  expand(d.value(), out);
  return out;
}

class CheapCrypto final : public CryptoProvider {
 public:
  void hash(MutableByteSpan out, ByteSpan key, std::span<const ByteSpan> parts) const override {
    Digest d(kHash + out.size());
    d.add(key);
    for (const ByteSpan part : parts) d.add(part);
    expand(d.value(), out);
  }

  // The text stays readable.
  void seal(MutableByteSpan out, const Bytes<32>& key, const Bytes<12>& nonce,
            ByteSpan associated_data, ByteSpan plaintext) const override {
    const auto tag = tag_of(key, nonce, associated_data, plaintext);
    if (!plaintext.empty()) std::memmove(out.data(), plaintext.data(), plaintext.size());
    std::memcpy(out.data() + plaintext.size(), tag.data(), tag.size());
  }
  bool open(MutableByteSpan out, const Bytes<32>& key, const Bytes<12>& nonce,
            ByteSpan associated_data, ByteSpan sealed) const override {
    const ByteSpan text = sealed.first(sealed.size() - kAeadTagSize);
    const auto tag = tag_of(key, nonce, associated_data, text);
    if (!equal(tag, sealed.last(kAeadTagSize))) {
      wipe(out);
      return false;
    }
    if (!text.empty()) std::memmove(out.data(), text.data(), text.size());
    return true;
  }

  SigningKey signing_key_from_seed(const Bytes<32>& seed) const override {
    SigningKey key;
    std::ranges::copy(seed, key.bytes.begin());
    Digest d(kPublicKey);
    d.add(seed);
    expand(d.value(), MutableByteSpan(key.bytes).last(kPublicKeySize));
    return key;
  }
  Signature sign(const SigningKey& key, ByteSpan message) const override {
    return signature_of(key.public_key(), message);
  }
  bool verify(const PublicKey& key, ByteSpan message, const Signature& sig) const override {
    return signature_of(key, message) == sig;
  }

  Bytes<32> exchange_public_key(const Bytes<32>& secret) const override {
    return spread(multiply(scalar(secret), kGenerator));
  }
  bool exchange(Bytes<32>& shared, const Bytes<32>& secret,
                const Bytes<32>& public_key) const override {
    uint64_t theirs;
    std::memcpy(&theirs, public_key.data(), sizeof theirs);
    theirs %= kPrime;
    shared = theirs == 0 ? Bytes<32>{} : spread(multiply(scalar(secret), theirs));
    return theirs != 0;
  }

  // Nothing here is secret, but what was wiped must not be read again.
  void wipe(MutableByteSpan memory) const override {
    if (!memory.empty()) std::memset(memory.data(), 0, memory.size());
  }

 private:
  // A number of the group as a key.
  static Bytes<32> spread(uint64_t number) {
    Bytes<32> out{};
    std::memcpy(out.data(), &number, sizeof number);
    return out;
  }
};

}  // namespace

const CryptoProvider& cheap_crypto() {
  static const CheapCrypto crypto;
  return crypto;
}

}  // namespace swarmcast::sim
