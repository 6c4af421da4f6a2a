#include "engine/overlay/candidates.h"

#include <algorithm>
#include <ranges>

namespace swarmcast::overlay {

void Candidates::add(const Contact& contact) {
  enqueue(contact, queue_.size());
  remember(contact);
}

void Candidates::add_referred(const Contact& contact) {
  const size_t before = queue_.size();
  enqueue(contact, referred_);
  referred_ += queue_.size() - before;
  remember(contact);
}

void Candidates::enqueue(const Contact& contact, size_t position) {
  const bool queued = std::ranges::count(queue_, contact.endpoint, &Contact::endpoint) > 0;
  const bool taken = std::ranges::count(taken_, contact.endpoint) > 0;
  const bool room =
      queue_.size() < kMaxCandidates && queue_.size() + taken_.size() < kMaxTakenInRound;
  if (!queued && !taken && room)
    queue_.insert(queue_.begin() + static_cast<long>(position), contact);
}

void Candidates::remember(const Contact& contact) {
  std::erase_if(known_, [&](const Contact& c) { return c.endpoint == contact.endpoint; });
  if (known_.size() >= kMaxKnown) known_.erase(known_.begin());
  known_.push_back(contact);
}

void Candidates::start_round() {
  queue_.clear();
  taken_.clear();
  referred_ = 0;
}

void Candidates::add_known() {
  for (const Contact& c : std::views::reverse(known_)) enqueue(c, queue_.size());
}

void Candidates::demote(const Endpoint& endpoint) {
  const auto it = std::ranges::find(known_, endpoint, &Contact::endpoint);
  if (it != known_.end()) std::rotate(known_.begin(), it, it + 1);
}

Contact Candidates::take() {
  const Contact next = queue_.front();
  queue_.erase(queue_.begin());
  if (referred_ > 0) --referred_;
  taken_.push_back(next.endpoint);
  return next;
}

}  // namespace swarmcast::overlay
