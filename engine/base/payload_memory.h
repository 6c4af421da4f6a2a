// Where an engine's payload lies: slots of the host's memory. In a device that is one region
// (locked on native); a simulator that runs many engines keeps once what several of them hold.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/bytes.h"
#include "engine/base/crypto_provider.h"
#include "engine/base/ids.h"

namespace swarmcast {

using SlotId = StrongId<struct SlotIdTag, uint32_t>;

class PayloadMemory {
 public:
  virtual ~PayloadMemory() = default;

  virtual size_t slots() const = 0;
  // Copies the message, at most a slot's size, into a slot that is wiped.
  virtual void fill(SlotId slot, ByteSpan message) = 0;
  // The slot, valid until it is wiped. Of a message filled in, only the hop header is written.
  virtual MutableByteSpan bytes(SlotId slot) = 0;
  virtual void wipe(SlotId slot) = 0;
  virtual void wipe_all() = 0;
};

// Slots side by side in one region, which outlives it.
class SpanMemory final : public PayloadMemory {
 public:
  SpanMemory(MutableByteSpan memory, size_t slot_size, const CryptoProvider& crypto)
      : memory_(memory), slot_size_(slot_size), crypto_(crypto) {}

  size_t slots() const override { return memory_.size() / slot_size_; }
  void fill(SlotId slot, ByteSpan message) override;
  MutableByteSpan bytes(SlotId slot) override;
  void wipe(SlotId slot) override { crypto_.wipe(bytes(slot)); }
  void wipe_all() override { crypto_.wipe(memory_); }

 private:
  MutableByteSpan memory_;
  size_t slot_size_;
  const CryptoProvider& crypto_;
};

}  // namespace swarmcast
