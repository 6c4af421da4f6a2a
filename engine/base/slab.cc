#include "engine/base/slab.h"

#include "engine/base/check.h"

namespace swarmcast {

Slab::Slab(MutableByteSpan memory, size_t slot_size, const CryptoProvider& crypto)
    : memory_(memory), slot_size_(slot_size), count_(memory.size() / slot_size), crypto_(crypto) {
  SWARMCAST_CHECK(count_ > 0);
  free_.reserve(count_);
  for (size_t i = count_; i-- > 0;) free_.push_back(static_cast<uint32_t>(i));
}

bool Slab::allocate(SlotId& out) {
  if (free_.empty()) return false;
  out = SlotId(free_.back());
  free_.pop_back();
  return true;
}

void Slab::release(SlotId slot) {
  crypto_.wipe(bytes(slot));
  free_.push_back(slot.value());
}

MutableByteSpan Slab::bytes(SlotId slot) {
  SWARMCAST_CHECK(slot.value() < count_);
  return memory_.subspan(slot.value() * slot_size_, slot_size_);
}

void Slab::wipe_all() {
  crypto_.wipe(memory_);
  free_.clear();
  for (size_t i = count_; i-- > 0;) free_.push_back(static_cast<uint32_t>(i));
}

}  // namespace swarmcast
