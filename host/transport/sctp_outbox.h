// What the SCTP library has produced and nobody has seen yet. It must not be re-entered from its
// own callbacks, so they only write here; what lies here goes out when the library has returned.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "engine/base/bytes.h"

namespace swarmcast::transport {

class SctpOutbox {
 public:
  enum class Kind : uint8_t { kPacket, kMessage, kDcep, kUp, kClosed };
  struct Item {
    uintptr_t association = 0;
    Kind kind = Kind::kPacket;
    uint16_t stream = 0;
    size_t offset = 0;
    size_t size = 0;
  };

  void put(uintptr_t association, Kind kind, uint16_t stream = 0, ByteSpan bytes = {}) {
    items_.push_back({association, kind, stream, bytes_.size(), bytes.size()});
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  bool empty() const { return items_.empty(); }
  const std::vector<Item>& items() const { return items_; }
  ByteSpan bytes(const Item& item) const { return {bytes_.data() + item.offset, item.size}; }
  void put(const SctpOutbox& from, const Item& item) {
    put(item.association, item.kind, item.stream, from.bytes(item));
  }
  void clear() {
    items_.clear();
    bytes_.clear();
  }
  void swap(SctpOutbox& other) noexcept {
    items_.swap(other.items_);
    bytes_.swap(other.bytes_);
  }

 private:
  std::vector<Item> items_;
  std::vector<uint8_t> bytes_;
};

}  // namespace swarmcast::transport
