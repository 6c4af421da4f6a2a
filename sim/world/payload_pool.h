// The payload of all engines: what several of them hold lies here once. Nothing in an engine tells
// a slot of it from one of its own memory, and what others wrote there it must not alter.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/base/limits.h"
#include "engine/base/payload_memory.h"

namespace swarmcast::sim {

// Messages by content, hop headers aside. Grows to the most that were ever held at once.
class PayloadPool {
 public:
  using Id = uint32_t;
  static constexpr Id kNone = UINT32_MAX;

  PayloadPool();
  // The message, copied unless it is here already; release() as often as added.
  Id add(ByteSpan message);
  void release(Id id);
  MutableByteSpan bytes(Id id) { return at(id).bytes; }

  size_t size() const { return held_; }
  size_t capacity() const { return blocks_.size() * kBlock; }
  // Whether all that is held is as it was added, and what lies behind it, too.
  bool is_intact() const;

 private:
  static constexpr size_t kGuardSize = 64;
  static constexpr uint32_t kBlock = 256;
  struct Entry {
    uint32_t users = 0;
    Id next = kNone;  // of the same bucket; the next free one
    uint32_t key = 0;
    uint16_t size = 0;
    uint64_t digest = 0;  // of all but the hop header
    uint8_t bytes[kMaxMessageSize];
    uint8_t guard[kGuardSize];
  };

  Entry& at(Id id) { return blocks_[id / kBlock][id % kBlock]; }
  const Entry& at(Id id) const { return blocks_[id / kBlock][id % kBlock]; }
  Id& bucket(uint32_t key) { return buckets_[key & (buckets_.size() - 1)]; }
  Id take();
  void grow_buckets();

  std::vector<std::unique_ptr<Entry[]>> blocks_;
  std::vector<Id> buckets_;  // a power of two of them
  Id free_ = kNone;
  size_t held_ = 0;
};

// One engine's share of it.
class SharedMemory final : public PayloadMemory {
 public:
  // `pool` outlives it.
  SharedMemory(PayloadPool& pool, size_t slots) : pool_(pool), ids_(slots, PayloadPool::kNone) {}
  ~SharedMemory() override { wipe_all(); }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  size_t slots() const override { return ids_.size(); }
  void fill(SlotId slot, ByteSpan message) override;
  MutableByteSpan bytes(SlotId slot) override;
  void wipe(SlotId slot) override;
  void wipe_all() override;

 private:
  PayloadPool& pool_;
  std::vector<PayloadPool::Id> ids_;
};

}  // namespace swarmcast::sim
