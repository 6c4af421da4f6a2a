// Fixed-size slots in one region that the host supplies (locked memory on native). The engine's
// payload bytes live here and nowhere else.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/crypto_provider.h"
#include "engine/base/ids.h"

namespace swarmcast {

using SlotId = StrongId<struct SlotIdTag, uint32_t>;

class Slab {
 public:
  // `memory` outlives the slab; it is cut into slots of `slot_size` bytes.
  Slab(MutableByteSpan memory, size_t slot_size, const CryptoProvider& crypto);
  ~Slab() { wipe_all(); }
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;

  size_t capacity() const { return count_; }
  size_t available() const { return free_.size(); }

  // Takes a free slot; false if there is none.
  bool allocate(SlotId& out);
  // Wipes the slot and gives it back.
  void release(SlotId slot);
  MutableByteSpan bytes(SlotId slot);
  // Zeroes the whole region and forgets every slot.
  void wipe_all();

 private:
  MutableByteSpan memory_;
  size_t slot_size_;
  size_t count_;
  const CryptoProvider& crypto_;
  std::vector<uint32_t> free_;
};

}  // namespace swarmcast
