// Key derivation and the labels that keep its uses apart (spec/README.md, "Conventions").
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/bytes.h"
#include "engine/base/crypto_provider.h"

namespace swarmcast::crypto {

// A domain-separation label: a string literal's ASCII text and its terminating zero byte, so that
// no label followed by data can be read as another label.
class Label {
 public:
  template <size_t N>
  // NOLINTNEXTLINE(google-explicit-constructor): a literal is the label.
  consteval Label(const char (&text)[N]) : text_(text), size_(N) {}
  ByteSpan bytes() const { return {reinterpret_cast<const uint8_t*>(text_), size_}; }

 private:
  const char* text_;
  size_t size_;
};

// KDF(key, label, context) = BLAKE2b-256 keyed with `key` (16..64 bytes) over label || context
// (RFC 7693 §2.9: a keyed BLAKE2b is a PRF; it stands in for HKDF). `context` has a fixed length
// for each label. The caller wipes the result.
Bytes<32> derive(const CryptoProvider& crypto, ByteSpan key, Label label, ByteSpan context);

// Compares in a time that depends only on the sizes.
bool constant_time_equal(ByteSpan a, ByteSpan b);

}  // namespace swarmcast::crypto
