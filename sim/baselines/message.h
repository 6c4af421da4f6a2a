// What peers of the baselines say to each other: structs with a declared size, never bytes.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/base/limits.h"
#include "sim/baselines/store.h"
#include "sim/report/causes.h"

namespace swarmcast::sim {

// Frame, index, count, layer, the link's own number. No authentication is charged to anybody here.
inline constexpr size_t kBaselineHeader = 12;
inline constexpr size_t kBaselinePayload = kMaxMessageSize - kBaselineHeader;
// Of messages that list things: type and count; each number or fragment in it.
inline constexpr size_t kListHeader = 4;
inline constexpr size_t kListEntry = 4;

struct Message {
  enum class Kind : uint8_t {
    kFragment,
    kNak,      // `numbers` of the link were lost
    kAck,      // `numbers` of the link have arrived
    kMap,      // `have`: all that the sender holds
    kOffer,    // `keys` that the sender holds
    kRequest,  // `keys` to be sent
  };
  Kind kind = Kind::kFragment;
  Cause cause = Cause::kPicture;
  uint16_t payload = 0;  // of a fragment, bytes
  size_t bytes = 0;      // in all, below which the packet's own come
  FragmentKey fragment;
  uint8_t hops = 0;       // that it has made from the source on
  uint32_t sequence = 0;  // of the link, where links have numbers
  bool numbered = false;  // is a new number of the link; else answers an old one
  std::vector<uint32_t> numbers;
  std::vector<FragmentKey> keys;
  std::shared_ptr<const std::vector<FrameMap>> have;

  static Message list(Kind kind, Cause cause, size_t entries) {
    Message out;
    out.kind = kind;
    out.cause = cause;
    out.bytes = kListHeader + entries * kListEntry;
    return out;
  }
};

}  // namespace swarmcast::sim
