// What happens next. Events at the same moment come in the order in which they were added.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/time.h"

namespace swarmcast::sim {

enum class EventKind : uint32_t {
  kArrival,    // of packet `subject` at its receiver's downlink
  kDelivery,   // of packet `subject` to its engine
  kTimeout,    // of engine `subject`
  kScheduled,  // something rare: number `subject` of the world's list
};

struct Event {
  Instant at;
  EventKind kind = EventKind::kScheduled;
  uint32_t subject = 0;
};

// A heap with four children a node: shallower than a binary one, and what is compared lies side by
// side.
class EventQueue {
 public:
  bool empty() const { return heap_.empty(); }
  size_t size() const { return heap_.size(); }
  const Event& next() const { return heap_.front().event; }

  void push(const Event& event) {
    const Entry entry{event, added_++};
    heap_.push_back(entry);
    size_t at = heap_.size() - 1;
    while (at > 0) {
      const size_t parent = (at - 1) / kArity;
      if (!before(entry, heap_[parent])) break;
      heap_[at] = heap_[parent];
      at = parent;
    }
    heap_[at] = entry;
  }

  Event pop() {
    const Event out = heap_.front().event;
    const Entry last = heap_.back();
    heap_.pop_back();
    if (!heap_.empty()) sink(last);
    return out;
  }

 private:
  static constexpr size_t kArity = 4;
  struct Entry {
    Event event;
    uint64_t order;
  };
  static bool before(const Entry& a, const Entry& b) {
    return a.event.at != b.event.at ? a.event.at < b.event.at : a.order < b.order;
  }

  // Puts `entry` where the first one was, and lower as far as it belongs.
  void sink(const Entry& entry) {
    size_t at = 0;
    while (true) {
      const size_t first = at * kArity + 1;
      if (first >= heap_.size()) break;
      const size_t end = std::min(first + kArity, heap_.size());
      size_t least = first;
      for (size_t i = first + 1; i < end; ++i)
        if (before(heap_[i], heap_[least])) least = i;
      if (!before(heap_[least], entry)) break;
      heap_[at] = heap_[least];
      at = least;
    }
    heap_[at] = entry;
  }

  std::vector<Entry> heap_;
  uint64_t added_ = 0;
};

}  // namespace swarmcast::sim
