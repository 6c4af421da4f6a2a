#include "engine/base/slab.h"

#include <utility>

#include "engine/base/check.h"

namespace swarmcast {

Slab::Slab(std::unique_ptr<PayloadMemory> memory)
    : memory_(std::move(memory)), count_(memory_->slots()) {
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
  memory_->wipe(slot);
  free_.push_back(slot.value());
}

void Slab::wipe_all() {
  memory_->wipe_all();
  free_.clear();
  for (size_t i = count_; i-- > 0;) free_.push_back(static_cast<uint32_t>(i));
}

}  // namespace swarmcast
