#include "engine/link/order_pool.h"

#include <algorithm>

#include "engine/base/check.h"

namespace swarmcast::link {
namespace {

// Orders come nearly sorted: a longer walk to the right place is not worth its time.
constexpr int kMaxWalk = 64;
constexpr size_t kFirstOrders = 64;

}  // namespace

OrderPool::OrderPool(size_t capacity) : capacity_(capacity) {
  SWARMCAST_CHECK(capacity >= 1 && capacity < kNone);
}

void OrderPool::grow() {
  const size_t before = nodes_.size();
  nodes_.resize(std::min(std::max(before * 2, kFirstOrders), capacity_));
  for (size_t i = nodes_.size(); i > before; --i) {
    nodes_[i - 1].next = free_;
    free_ = static_cast<Index>(i - 1);
  }
}

void OrderPool::insert(Queue& queue, const SendOrder& order) {
  SWARMCAST_CHECK(!is_full());
  if (free_ == kNone) grow();
  const Index index = free_;
  Node& node = nodes_[index];
  free_ = node.next;
  node.order = order;
  Index before = queue.tail;
  for (int i = 0; i < kMaxWalk && before != kNone; ++i) {
    if (nodes_[before].order.deadline <= order.deadline) break;
    before = nodes_[before].previous;
  }
  node.previous = before;
  node.next = before == kNone ? queue.head : nodes_[before].next;
  (before == kNone ? queue.head : nodes_[before].next) = index;
  (node.next == kNone ? queue.tail : nodes_[node.next].previous) = index;
  queue.bytes += order.size;
}

void OrderPool::remove(Queue& queue, Index index) {
  Node& node = nodes_[index];
  (node.previous == kNone ? queue.head : nodes_[node.previous].next) = node.next;
  (node.next == kNone ? queue.tail : nodes_[node.next].previous) = node.previous;
  queue.bytes -= node.order.size;
  node.next = free_;
  free_ = index;
}

}  // namespace swarmcast::link
