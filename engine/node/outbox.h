// Small messages (hellos, envelopes, NAKs, feedback, ticks) on their way to poll().
#pragma once

#include <vector>

#include "engine/api/output.h"
#include "engine/base/check.h"
#include "engine/base/limits.h"

namespace swarmcast::node {

class Outbox {
 public:
  // Drained after every input; what exceeds it in between is dropped, as the network may.
  static constexpr size_t kCapacity = 256;

  Outbox() : ring_(kCapacity) {}

  // False if the outbox is full.
  bool push(LinkId link, output::Lane lane, ByteSpan message) {
    SWARMCAST_DCHECK(message.size() <= kMaxMessageSize);
    if (count_ == kCapacity) return false;
    Entry& e = ring_[(first_ + count_++) % kCapacity];
    e.link = link;
    e.lane = lane;
    e.bytes.assign(message.begin(), message.end());
    return true;
  }
  // Valid until the next push or pop.
  std::optional<output::Transmit> pop() {
    if (count_ == 0) return std::nullopt;
    const Entry& e = ring_[first_];
    first_ = (first_ + 1) % kCapacity;
    if (--count_ == 0) first_ = 0;  // the same few entries are used again
    return output::Transmit{e.link, e.lane, e.bytes};
  }
  bool empty() const { return count_ == 0; }

 private:
  struct Entry {
    LinkId link;
    output::Lane lane = output::Lane::kControl;
    std::vector<uint8_t> bytes;  // keeps its capacity, so that nothing is allocated in the end
  };
  std::vector<Entry> ring_;
  size_t first_ = 0;
  size_t count_ = 0;
};

}  // namespace swarmcast::node
