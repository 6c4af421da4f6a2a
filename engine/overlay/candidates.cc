#include "engine/overlay/candidates.h"

#include <algorithm>
#include <ranges>

namespace swarmcast::overlay {

void Candidates::add(const Contact& contact) {
  enqueue(contact);
  std::erase_if(known_, [&](const Contact& c) { return c.endpoint == contact.endpoint; });
  if (known_.size() >= kMaxKnown) known_.erase(known_.begin());
  known_.push_back(contact);
}

void Candidates::enqueue(const Contact& contact) {
  const bool queued = std::ranges::count(queue_, contact.endpoint, &Contact::endpoint) > 0;
  const bool taken = std::ranges::count(taken_, contact.endpoint) > 0;
  const bool room = queue_.size() < kMaxCandidates && taken_.size() < kMaxTakenInRound;
  if (!queued && !taken && room) queue_.push_back(contact);
}

void Candidates::start_round() {
  queue_.clear();
  taken_.clear();
}

void Candidates::add_known() {
  for (const Contact& c : std::views::reverse(known_)) enqueue(c);
}

Contact Candidates::take() {
  const Contact next = queue_.front();
  queue_.erase(queue_.begin());
  taken_.push_back(next.endpoint);
  return next;
}

}  // namespace swarmcast::overlay
