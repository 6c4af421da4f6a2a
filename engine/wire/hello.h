// HELLO1..3, HELLO_REFUSED: the link proof (spec/link-handshake.md). Nothing else is parsed on a
// link before it has succeeded.
//
//   HELLO1        | 0x30 | version | public key (32) | nonce (32) |
//   HELLO2        | 0x31 | version | public key (32) | nonce (32) | mac (16) | signature (64) |
//   HELLO3        | 0x32 | mac (16) | signature (64) |
//   HELLO_REFUSED | 0x33 | version | reason |
#pragma once

#include <optional>
#include <string>

#include "engine/base/bytes.h"
#include "engine/base/crypto_provider.h"

namespace swarmcast::wire {

inline constexpr uint8_t kProtocolVersion = 1;
inline constexpr uint8_t kHello1Type = 0x30;
inline constexpr uint8_t kHello2Type = 0x31;
inline constexpr uint8_t kHello3Type = 0x32;
inline constexpr uint8_t kHelloRefusedType = 0x33;

struct Hello1 {
  uint8_t version = kProtocolVersion;
  PublicKey public_key{};
  Bytes<32> nonce{};
  static constexpr size_t kSize = 1 + 1 + 32 + 32;
  Bytes<kSize> encode() const;
  static std::optional<Hello1> parse(ByteSpan message);
  bool operator==(const Hello1&) const = default;
};

struct Hello2 {
  uint8_t version = kProtocolVersion;
  PublicKey public_key{};
  Bytes<32> nonce{};
  Bytes<16> mac{};
  Signature signature{};
  static constexpr size_t kSize = 1 + 1 + 32 + 32 + 16 + 64;
  Bytes<kSize> encode() const;
  static std::optional<Hello2> parse(ByteSpan message);
  bool operator==(const Hello2&) const = default;
};

struct Hello3 {
  Bytes<16> mac{};
  Signature signature{};
  static constexpr size_t kSize = 1 + 16 + 64;
  Bytes<kSize> encode() const;
  static std::optional<Hello3> parse(ByteSpan message);
  bool operator==(const Hello3&) const = default;
};

struct HelloRefused {
  enum class Reason : uint8_t { kVersion = 1, kWrongSecret = 2, kFull = 3 };
  uint8_t version = kProtocolVersion;  // what the refuser speaks
  Reason reason = Reason::kVersion;
  static constexpr size_t kSize = 3;
  Bytes<kSize> encode() const;
  static std::optional<HelloRefused> parse(ByteSpan message);
  bool operator==(const HelloRefused&) const = default;
};

}  // namespace swarmcast::wire
