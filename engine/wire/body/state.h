// STATE: where a (standby) parent stands in the tree. On change, and once a second.
//
//   | 0x07 | stripe u8 | attached u8 | witnesses u32 | depth u8 (<= 7) | path: depth x peer id (16)
//   |
// The path names the peers above the sender, the root first; its length is the sender's depth.
#pragma once

#include <algorithm>
#include <array>
#include <optional>

#include "engine/base/byte_io.h"
#include "engine/base/ids.h"
#include "engine/base/limits.h"
#include "engine/base/stripes.h"

namespace swarmcast::wire::body {

struct State {
  static constexpr uint8_t kType = 0x07;
  static constexpr const char* kName = "STATE";

  StripeId stripe;
  bool attached = false;   // the sender has a live way to the source (or is it)
  uint32_t witnesses = 0;  // viewers with a screen in the whole swarm
  uint8_t depth = 0;
  std::array<PeerId, kMaxDepth> path{};

  bool path_contains(const PeerId& id) const {
    return std::find(path.begin(), path.begin() + depth, id) != path.begin() + depth;
  }
  void write(ByteWriter& out) const {
    out.u8(stripe.value());
    out.u8(attached ? 1 : 0);
    out.u32(witnesses);
    out.u8(depth);
    for (uint8_t i = 0; i < depth; ++i) out.bytes(path[i].bytes);
  }
  static std::optional<State> read(ByteReader& in) {
    State b{.stripe = StripeId(in.u8())};
    const uint8_t attached = in.u8();
    b.attached = attached == 1;
    b.witnesses = in.u32();
    b.depth = in.u8();
    if (b.stripe.value() >= kMaxStripes || attached > 1 || b.depth > kMaxDepth) return std::nullopt;
    for (uint8_t i = 0; i < b.depth; ++i) b.path[i].bytes = in.array<16>();
    return in.ok() ? std::optional(b) : std::nullopt;
  }
  bool operator==(const State&) const = default;
};

}  // namespace swarmcast::wire::body
