#include "engine/crypto/key_source.h"

#include <array>

#include "engine/base/byte_io.h"

namespace swarmcast::crypto {
namespace {

constexpr Label kSeedLabel = "swarmcast key source seed v1";
constexpr Label kOutputLabel = "swarmcast key source output v1";
constexpr Label kRatchetLabel = "swarmcast key source ratchet v1";

}  // namespace

KeySource::KeySource(const CryptoProvider& crypto, const Bytes<32>& seed)
    : crypto_(crypto), state_(derive(crypto, seed, kSeedLabel, {})) {}

KeySource::~KeySource() { crypto_.wipe(state_); }

void KeySource::fill(MutableByteSpan out) {
  Bytes<64> block;
  for (uint64_t counter = 0; !out.empty(); ++counter) {
    Bytes<8> encoded;
    ByteWriter(encoded).u64(counter);
    const std::array parts{kOutputLabel.bytes(), ByteSpan(encoded)};
    crypto_.hash(block, state_, parts);
    const size_t n = std::min(out.size(), block.size());
    std::copy_n(block.begin(), n, out.begin());
    out = out.subspan(n);
  }
  crypto_.wipe(block);
  state_ = derive(crypto_, state_, kRatchetLabel, {});
}

}  // namespace swarmcast::crypto
