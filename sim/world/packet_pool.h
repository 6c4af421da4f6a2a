// Packets on their way.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/check.h"
#include "engine/base/ids.h"
#include "engine/base/limits.h"

namespace swarmcast::sim {

enum class PacketKind : uint8_t {
  kDatagram,
  kSctpData,
  kSctpAck,  // its bytes are an SctpAck
};

// What is below the message.
struct Carrier {
  PacketKind kind = PacketKind::kDatagram;
  uint16_t overhead = 0;  // bytes, beside those of every packet
  uint32_t tsn = 0;       // of SCTP data
  uint32_t given_up_below = 0;
};

struct Packet {
  uint32_t to = 0;  // the node
  LinkId link;      // as the receiver calls it
  Instant arrived;  // at the receiver's downlink
  Carrier carrier;
  uint16_t size = 0;
  uint8_t bytes[kMaxMessageSize];

  ByteSpan message() const { return {bytes, size}; }
  size_t size_on_line() const { return size_t{size} + carrier.overhead; }
};

// Grows to the most packets that were ever on their way at once.
class PacketPool {
 public:
  uint32_t add(uint32_t to, LinkId link, const Carrier& carrier, ByteSpan message) {
    SWARMCAST_CHECK(message.size() <= kMaxMessageSize);
    const uint32_t id = take();
    Packet& p = (*this)[id];
    p.to = to;
    p.link = link;
    p.carrier = carrier;
    p.size = static_cast<uint16_t>(message.size());
    std::memcpy(p.bytes, message.data(), message.size());
    return id;
  }
  Packet& operator[](uint32_t id) { return blocks_[id / kBlock][id % kBlock]; }
  size_t capacity() const { return blocks_.size() * kBlock; }
  void prefetch(uint32_t id) {
    const auto* begin = reinterpret_cast<const uint8_t*>(&(*this)[id]);
    for (size_t at = 0; at < sizeof(Packet); at += kCacheLine) __builtin_prefetch(begin + at);
  }
  void release(uint32_t id) { free_.push_back(id); }

 private:
  static constexpr uint32_t kBlock = 1'024;
  static constexpr size_t kCacheLine = 64;

  uint32_t take() {
    if (free_.empty()) {
      const auto first = static_cast<uint32_t>(blocks_.size()) * kBlock;
      blocks_.push_back(std::make_unique_for_overwrite<Packet[]>(kBlock));
      for (uint32_t i = kBlock; i-- > 0;) free_.push_back(first + i);
    }
    const uint32_t id = free_.back();
    free_.pop_back();
    return id;
  }

  std::vector<std::unique_ptr<Packet[]>> blocks_;
  std::vector<uint32_t> free_;
};

}  // namespace swarmcast::sim
