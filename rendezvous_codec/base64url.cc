#include "rendezvous_codec/base64url.h"

namespace swarmcast::rendezvous {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

}  // namespace

std::string base64url_encode(ByteSpan bytes) {
  std::string out;
  out.reserve((bytes.size() * 4 + 2) / 3);
  uint32_t bits = 0;
  int count = 0;
  for (uint8_t byte : bytes) {
    bits = bits << 8 | byte;
    for (count += 8; count >= 6; count -= 6) out += kAlphabet[bits >> (count - 6) & 63];
  }
  if (count > 0) out += kAlphabet[bits << (6 - count) & 63];
  return out;
}

Base64Decoded base64url_decode(std::string_view text) {
  Base64Decoded out;
  out.bytes.reserve(text.size() * 3 / 4);
  uint32_t bits = 0;
  int count = 0;
  for (char c : text) {
    const size_t value = kAlphabet.find(c);
    out.clean = value != std::string_view::npos;
    if (!out.clean) break;
    bits = bits << 6 | static_cast<uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out.bytes.push_back(static_cast<uint8_t>(bits >> count));
  }
  const uint32_t spare = bits & ((1u << count) - 1);
  out.exact = count < 6 && spare == 0;
  return out;
}

}  // namespace swarmcast::rendezvous
