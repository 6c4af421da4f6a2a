#include "sim/world/payload_pool.h"

#include <algorithm>
#include <cstring>

#include "engine/base/check.h"
#include "sim/world/digest.h"

namespace swarmcast::sim {
namespace {

constexpr uint8_t kGuard = 0xa5;
constexpr size_t kFirstBuckets = 1'024;
// Behind the hop header these tell nearly all fragments apart: the frame's header and the index.
constexpr size_t kKeySize = kFrameHeaderSize + 1;

ByteSpan shared_part(ByteSpan message) {
  return message.subspan(std::min(kHopHeaderSize, message.size()));
}

uint32_t key_of(ByteSpan message) {
  const ByteSpan part = shared_part(message);
  return static_cast<uint32_t>(digest(part.first(std::min(kKeySize, part.size()))));
}

}  // namespace

PayloadPool::PayloadPool() : buckets_(kFirstBuckets, kNone) {}

PayloadPool::Id PayloadPool::add(ByteSpan message) {
  SWARMCAST_CHECK(message.size() <= kMaxMessageSize);
  const uint32_t key = key_of(message);
  const ByteSpan part = shared_part(message);
  for (Id id = bucket(key); id != kNone; id = at(id).next) {
    Entry& known = at(id);
    const bool same = known.key == key && known.size == message.size() &&
                      equal(shared_part(ByteSpan(known.bytes, known.size)), part);
    if (!same) continue;
    ++known.users;
    return id;
  }
  if (held_ == buckets_.size()) grow_buckets();
  const Id id = take();
  Entry& entry = at(id);
  entry.users = 1;
  entry.key = key;
  entry.size = static_cast<uint16_t>(message.size());
  entry.digest = digest(part);
  std::memcpy(entry.bytes, message.data(), message.size());
  entry.next = bucket(key);
  bucket(key) = id;
  ++held_;
  return id;
}

void PayloadPool::release(Id id) {
  Entry& entry = at(id);
  SWARMCAST_CHECK(entry.users > 0);
  if (--entry.users > 0) return;
  Id* link = &bucket(entry.key);
  while (*link != id) link = &at(*link).next;
  *link = entry.next;
  entry.next = free_;
  free_ = id;
  --held_;
}

bool PayloadPool::is_intact() const {
  for (Id id = 0; id < capacity(); ++id) {
    const Entry& e = at(id);
    if (!std::ranges::all_of(e.guard, [](uint8_t byte) { return byte == kGuard; })) return false;
    if (e.users > 0 && digest(shared_part(ByteSpan(e.bytes, e.size))) != e.digest) return false;
  }
  return true;
}

PayloadPool::Id PayloadPool::take() {
  if (free_ == kNone) {
    const auto first = static_cast<Id>(capacity());
    blocks_.push_back(std::make_unique<Entry[]>(kBlock));
    for (Id id = first + kBlock; id-- > first;) {
      std::ranges::fill(at(id).guard, kGuard);
      at(id).next = free_;
      free_ = id;
    }
  }
  const Id id = free_;
  free_ = at(id).next;
  return id;
}

void PayloadPool::grow_buckets() {
  std::vector<Id> before(buckets_.size() * 2, kNone);
  before.swap(buckets_);
  for (Id head : before)
    for (Id id = head, next; id != kNone; id = next) {
      next = at(id).next;
      at(id).next = bucket(at(id).key);
      bucket(at(id).key) = id;
    }
}

void SharedMemory::fill(SlotId slot, ByteSpan message) {
  wipe(slot);
  ids_[slot.value()] = pool_.add(message);
}

MutableByteSpan SharedMemory::bytes(SlotId slot) {
  SWARMCAST_CHECK(slot.value() < slots() && ids_[slot.value()] != PayloadPool::kNone);
  return pool_.bytes(ids_[slot.value()]);
}

void SharedMemory::wipe(SlotId slot) {
  SWARMCAST_CHECK(slot.value() < slots());
  PayloadPool::Id& id = ids_[slot.value()];
  if (id != PayloadPool::kNone) pool_.release(id);
  id = PayloadPool::kNone;
}

void SharedMemory::wipe_all() {
  for (uint32_t i = 0; i < ids_.size(); ++i) wipe(SlotId(i));
}

}  // namespace swarmcast::sim
