#include "host/transport/dial_credentials.h"

#include <algorithm>

#include "engine/base/check.h"

namespace swarmcast::transport {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kMacLabel = "swarmcast dial mac 1";
constexpr std::string_view kPasswordLabel = "swarmcast dial pwd 1";

// Both strings are 18 bytes before and 24 characters after base64: no padding.
constexpr size_t kRawSize = 18;
static_assert(std::tuple_size_v<DialNonce> + kDialMacSize == kRawSize);
static_assert(kUfragSize == kRawSize / 3 * 4 && kPasswordSize == kUfragSize);

void encode(const Bytes<kRawSize>& in, std::array<char, kUfragSize>& out) {
  for (size_t i = 0; i < kRawSize / 3; ++i) {
    const uint32_t v = uint32_t{in[3 * i]} << 16 | uint32_t{in[3 * i + 1]} << 8 | in[3 * i + 2];
    for (size_t j = 0; j < 4; ++j) out[4 * i + j] = kAlphabet[v >> (18 - 6 * j) & 63];
  }
}

std::optional<Bytes<kRawSize>> decode(std::string_view in) {
  if (in.size() != kUfragSize) return std::nullopt;
  Bytes<kRawSize> out;
  for (size_t i = 0; i < kRawSize / 3; ++i) {
    uint32_t v = 0;
    for (size_t j = 0; j < 4; ++j) {
      const size_t digit = kAlphabet.find(in[4 * i + j]);
      if (digit == kAlphabet.npos) return std::nullopt;
      v = v << 6 | static_cast<uint32_t>(digit);
    }
    for (size_t j = 0; j < 3; ++j) out[3 * i + j] = static_cast<uint8_t>(v >> (16 - 8 * j));
  }
  return out;
}

void derive(const CryptoProvider& crypto, const SwarmSecret& secret, std::string_view label,
            const DialNonce& nonce, const Fingerprint& listener, MutableByteSpan out) {
  const ByteSpan parts[] = {
      {reinterpret_cast<const uint8_t*>(label.data()), label.size()}, nonce, listener};
  crypto.hash(out, secret, parts);
}

}  // namespace

DialCredentials make_credentials(const CryptoProvider& crypto, const SwarmSecret& secret,
                                 const Fingerprint& listener, const DialNonce& nonce) {
  Bytes<8> mac;
  derive(crypto, secret, kMacLabel, nonce, listener, mac);
  Bytes<kRawSize> raw;
  std::ranges::copy(nonce, raw.begin());
  std::copy_n(mac.begin(), kDialMacSize, raw.begin() + nonce.size());
  DialCredentials out;
  encode(raw, out.ufrag);
  derive(crypto, secret, kPasswordLabel, nonce, listener, raw);
  encode(raw, out.password);
  crypto.wipe(raw);
  return out;
}

std::optional<DialCredentials> check_ufrag(const CryptoProvider& crypto, const SwarmSecret& secret,
                                           const Fingerprint& listener, std::string_view ufrag) {
  const auto raw = decode(ufrag);
  if (!raw) return std::nullopt;
  DialNonce nonce;
  std::copy_n(raw->begin(), nonce.size(), nonce.begin());
  const DialCredentials expected = make_credentials(crypto, secret, listener, nonce);
  uint8_t difference = 0;  // looks at every byte, so that the time taken tells nothing
  for (size_t i = 0; i < kUfragSize; ++i) {
    difference |= static_cast<uint8_t>(expected.ufrag[i] ^ ufrag[i]);
  }
  if (difference != 0) return std::nullopt;
  return expected;
}

}  // namespace swarmcast::transport
