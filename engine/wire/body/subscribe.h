// SUBSCRIBE: "be my parent for this stripe".
//
//   | 0x03 | stripe u8 | purpose u8 | flags u8 | height u8 | next frame u32 | fingerprint (32) |
//          | places u8 |
//   flags: bit 0 dialable (others may be sent to me), bit 1 all others have refused
#pragma once

#include <optional>

#include "engine/base/byte_io.h"
#include "engine/base/contact.h"
#include "engine/base/ids.h"
#include "engine/base/limits.h"
#include "engine/base/stripes.h"

namespace swarmcast::wire::body {

enum class Purpose : uint8_t {
  kJoin = 0,      // start me from the last key frame
  kFailover = 1,  // my parent is gone: go on from `next_frame`
  kStandby = 2,   // send no media, but be ready
};

struct Subscribe {
  static constexpr uint8_t kType = 0x03;
  static constexpr const char* kName = "SUBSCRIBE";

  StripeId stripe;
  Purpose purpose = Purpose::kJoin;
  bool dialable = false;
  bool in_vain = false;       // all that were asked before have refused
  uint8_t height = 0;         // levels of peers below me that must stay within kMaxDepth
  FrameNumber next_frame;     // first video frame wanted; kFailover only
  Fingerprint fingerprint{};  // of our listener
  uint8_t places = 0;         // children of this stripe that I can feed

  void write(ByteWriter& out) const {
    out.u8(stripe.value());
    out.u8(static_cast<uint8_t>(purpose));
    out.u8((dialable ? 1 : 0) | (in_vain ? 2 : 0));
    out.u8(height);
    out.u32(next_frame.value());
    out.bytes(fingerprint);
    out.u8(places);
  }
  static std::optional<Subscribe> read(ByteReader& in) {
    Subscribe b;
    b.stripe = StripeId(in.u8());
    const uint8_t purpose = in.u8();
    const uint8_t flags = in.u8();
    b.purpose = static_cast<Purpose>(purpose);
    b.dialable = flags & 1;
    b.in_vain = flags & 2;
    b.height = in.u8();
    b.next_frame = FrameNumber(in.u32());
    b.fingerprint = in.array<32>();
    b.places = in.u8();
    const bool valid = in.ok() && purpose <= 2 && flags <= 3 && b.stripe.value() < kMaxStripes &&
                       b.height <= kMaxDepth;
    return valid ? std::optional(b) : std::nullopt;
  }
  bool operator==(const Subscribe&) const = default;
};

}  // namespace swarmcast::wire::body
