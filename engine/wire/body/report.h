// REPORT: what a child knows of its subtree. On change, and once a second.
//
//   | 0x08 | stripe u8 | witnesses u32 | peers u32 | height u8 | loss u8 (1/255) | delay u16 ms
//          | shed u32 | places u8 | count u8 (<= 3) | { depth u8 | contact } ... |
// The openings are peers of the subtree (the child among them) with a free place, shallowest first.
#pragma once

#include <array>
#include <optional>

#include "engine/base/byte_io.h"
#include "engine/base/limits.h"
#include "engine/base/stripes.h"
#include "engine/wire/contact.h"

namespace swarmcast::wire::body {

struct Opening {
  uint8_t depth = 0;  // of the peer that has the place
  Contact contact;
  bool operator==(const Opening&) const = default;
};

struct Report {
  static constexpr uint8_t kType = 0x08;
  static constexpr const char* kName = "REPORT";
  static constexpr size_t kMaxOpenings = 3;

  StripeId stripe;
  uint32_t witnesses = 0;  // viewers with a screen, the child included
  uint32_t peers = 0;      // all peers, the child included
  uint8_t height = 0;      // levels of peers below the child
  uint8_t loss = 0;        // mean over those peers of the loss on the link from their parent
  uint16_t delay_ms = 0;   // longest playout delay of those witnesses; 0 without any
  uint32_t shed = 0;       // of the witnesses: layers do not reach them for want of uplink above
  uint8_t places = 0;      // children that the sender can feed, those it has included
  uint8_t count = 0;
  std::array<Opening, kMaxOpenings> openings{};

  void write(ByteWriter& out) const {
    out.u8(stripe.value());
    out.u32(witnesses);
    out.u32(peers);
    out.u8(height);
    out.u8(loss);
    out.u16(delay_ms);
    out.u32(shed);
    out.u8(places);
    out.u8(count);
    for (uint8_t i = 0; i < count; ++i) {
      out.u8(openings[i].depth);
      write_contact(out, openings[i].contact);
    }
  }
  static std::optional<Report> read(ByteReader& in) {
    Report b{.stripe = StripeId(in.u8())};
    b.witnesses = in.u32();
    b.peers = in.u32();
    b.height = in.u8();
    b.loss = in.u8();
    b.delay_ms = in.u16();
    b.shed = in.u32();
    b.places = in.u8();
    b.count = in.u8();
    const bool valid = b.stripe.value() < kMaxStripes && b.count <= kMaxOpenings &&
                       b.witnesses <= b.peers && b.shed <= b.witnesses && b.height <= kMaxDepth;
    if (!valid) return std::nullopt;
    for (uint8_t i = 0; i < b.count; ++i) {
      b.openings[i].depth = in.u8();
      const auto contact = read_contact(in);
      if (!contact || b.openings[i].depth >= kMaxDepth) return std::nullopt;
      b.openings[i].contact = *contact;
    }
    return in.ok() ? std::optional(b) : std::nullopt;
  }
  bool operator==(const Report&) const = default;
};

}  // namespace swarmcast::wire::body
