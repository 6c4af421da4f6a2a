// EPOCH_KEY: an epoch's media key with the source's announcement. Over proven links only.
//
//   | 0x02 | term u8 | number u32 | starts at u40 us | key (32) | signature (64) |
#pragma once

#include <optional>

#include "engine/base/byte_io.h"
#include "engine/base/crypto_provider.h"
#include "engine/base/ids.h"
#include "engine/base/time.h"

namespace swarmcast::wire::body {

struct EpochKey {
  static constexpr uint8_t kType = 0x02;
  static constexpr const char* kName = "EPOCH_KEY";

  uint8_t term = 0;
  EpochNumber number;
  StreamTime starts_at;
  Bytes<32> key{};
  Signature signature{};

  void write(ByteWriter& out) const {
    out.u8(term);
    out.u32(number.value());
    out.u40(static_cast<uint64_t>(starts_at.us()));
    out.bytes(key);
    out.bytes(signature);
  }
  static std::optional<EpochKey> read(ByteReader& in) {
    EpochKey b;
    b.term = in.u8();
    b.number = EpochNumber(in.u32());
    b.starts_at = StreamTime::from_us(static_cast<int64_t>(in.u40()));
    b.key = in.array<32>();
    b.signature = in.array<64>();
    return in.ok() ? std::optional(b) : std::nullopt;
  }
  bool operator==(const EpochKey&) const = default;
};

}  // namespace swarmcast::wire::body
