// WELCOME: who the source is and what it sends. First body from the peer that was dialled.
//
//   | 0x01 | source key (32) | your address (18) | stream (14) | signature (64) |
//   stream = | revision u16 | width u16 | height u16 | fps u8 | audio channels u8 (0 none)
//            | playout u32 us (0 = choose) | root term u8 | codec u8 |
#pragma once

#include <optional>

#include "engine/base/byte_io.h"
#include "engine/base/crypto_provider.h"
#include "engine/wire/contact.h"

namespace swarmcast::wire::body {

struct Welcome {
  static constexpr uint8_t kType = 0x01;
  static constexpr const char* kName = "WELCOME";
  static constexpr size_t kStreamSize = 14;

  PublicKey source_key{};
  Endpoint observed;            // where the receiver's packets come from
  Bytes<kStreamSize> stream{};  // signed by the source; see stream_description.h
  Signature signature{};

  void write(ByteWriter& out) const {
    out.bytes(source_key);
    write_endpoint(out, observed);
    out.bytes(stream);
    out.bytes(signature);
  }
  static std::optional<Welcome> read(ByteReader& in) {
    Welcome b;
    b.source_key = in.array<32>();
    b.observed = read_endpoint(in);
    b.stream = in.array<kStreamSize>();
    b.signature = in.array<64>();
    return in.ok() ? std::optional(b) : std::nullopt;
  }
  bool operator==(const Welcome&) const = default;
};

}  // namespace swarmcast::wire::body
