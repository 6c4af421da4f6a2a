// Which slots of the memory that the host supplies are in use. The engine's payload bytes live
// there and nowhere else.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/payload_memory.h"

namespace swarmcast {

class Slab {
 public:
  explicit Slab(std::unique_ptr<PayloadMemory> memory);
  // `memory` outlives the slab; it is cut into slots of `slot_size` bytes.
  Slab(MutableByteSpan memory, size_t slot_size, const CryptoProvider& crypto)
      : Slab(std::make_unique<SpanMemory>(memory, slot_size, crypto)) {}
  ~Slab() { wipe_all(); }
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;

  size_t capacity() const { return count_; }
  size_t available() const { return free_.size(); }

  // Takes a free slot; false if there is none.
  bool allocate(SlotId& out);
  // Wipes the slot and gives it back.
  void release(SlotId slot);
  // As PayloadMemory's.
  void fill(SlotId slot, ByteSpan message) { memory_->fill(slot, message); }
  MutableByteSpan bytes(SlotId slot) { return memory_->bytes(slot); }
  // Wipes all memory and forgets every slot.
  void wipe_all();

 private:
  std::unique_ptr<PayloadMemory> memory_;
  size_t count_;
  std::vector<uint32_t> free_;
};

}  // namespace swarmcast
