// Send orders of all links in one fixed pool, as one queue a link and class.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "engine/link/send_order.h"

namespace swarmcast::link {

// Queues are doubly linked through the pool and sorted by deadline. The pool grows to the most
// orders that ever waited at once, but never beyond its capacity.
class OrderPool {
 public:
  using Index = uint16_t;
  static constexpr Index kNone = 0xffff;

  struct Queue {
    Index head = kNone;
    Index tail = kNone;
    uint32_t bytes = 0;
    bool empty() const { return head == kNone; }
  };

  // 1 <= capacity < 65,535.
  explicit OrderPool(size_t capacity);

  bool is_full() const { return free_ == kNone && nodes_.size() == capacity_; }
  // Orders there is memory for.
  size_t room() const { return nodes_.size(); }
  const SendOrder& at(Index index) const { return nodes_[index].order; }
  Index next(Index index) const { return nodes_[index].next; }

  // Behind all of the same deadline; is_full() must be false.
  void insert(Queue& queue, const SendOrder& order);
  // Takes one order out of the queue it is in.
  void remove(Queue& queue, Index index);

 private:
  struct Node {
    SendOrder order;
    Index next = kNone;
    Index previous = kNone;
  };
  void grow();

  size_t capacity_;
  std::vector<Node> nodes_;
  Index free_ = kNone;
};

}  // namespace swarmcast::link
