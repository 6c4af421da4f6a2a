#include "engine/base/payload_memory.h"

#include <algorithm>

#include "engine/base/check.h"

namespace swarmcast {

void SpanMemory::fill(SlotId slot, ByteSpan message) {
  SWARMCAST_CHECK(message.size() <= slot_size_);
  std::ranges::copy(message, bytes(slot).begin());
}

MutableByteSpan SpanMemory::bytes(SlotId slot) {
  SWARMCAST_CHECK(slot.value() < slots());
  return memory_.subspan(slot.value() * slot_size_, slot_size_);
}

}  // namespace swarmcast
