#include "engine/crypto/kdf.h"

#include <array>

namespace swarmcast::crypto {

Bytes<32> derive(const CryptoProvider& crypto, ByteSpan key, Label label, ByteSpan context) {
  Bytes<32> out;
  const std::array parts{label.bytes(), context};
  crypto.hash(out, key, parts);
  return out;
}

bool constant_time_equal(ByteSpan a, ByteSpan b) {
  if (a.size() != b.size()) return false;
  // volatile: no early exit can be optimised in.
  volatile uint8_t difference = 0;
  for (size_t i = 0; i < a.size(); ++i) difference = difference | (a[i] ^ b[i]);
  return difference == 0;
}

}  // namespace swarmcast::crypto
