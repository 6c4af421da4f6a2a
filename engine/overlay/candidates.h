// Whom to ask for a place: a queue for the round under way, and a memory for the next one.
#pragma once

#include <optional>
#include <vector>

#include "engine/base/contact.h"
#include "engine/overlay/limits.h"

namespace swarmcast::overlay {

class Candidates {
 public:
  // Queues (unless it is queued, or was taken in this round) and remembers. A full queue ignores,
  // the memory forgets its oldest.
  void add(const Contact& contact);
  // The same, ahead of all that were not referred: who refers knows of free places now.
  void add_referred(const Contact& contact);
  // Begins a new round with an empty queue: peers that refer to each other do not keep us busy.
  void start_round();
  // Queues what is remembered, latest first.
  void add_known();
  // Its link broke just now: of those remembered it comes last.
  void demote(const Contact& contact);

  bool empty() const { return queue_.empty(); }
  // The next one; !empty().
  Contact take();

 private:
  void enqueue(const Contact& contact, size_t position);
  void remember(const Contact& contact);

  std::vector<Contact> queue_;
  size_t referred_ = 0;         // so many at the front were referred
  std::vector<Contact> known_;  // oldest first
  std::vector<Contact> taken_;  // in this round
};

}  // namespace swarmcast::overlay
