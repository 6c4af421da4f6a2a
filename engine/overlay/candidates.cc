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
  const auto same = [&](const Contact& c) { return same_peer(c, contact); };
  const bool known = std::ranges::any_of(queue_, same) || std::ranges::any_of(taken_, same);
  const bool room =
      queue_.size() < kMaxCandidates && queue_.size() + taken_.size() < kMaxTakenInRound;
  if (!known && room) queue_.insert(queue_.begin() + static_cast<long>(position), contact);
}

void Candidates::remember(const Contact& contact) {
  std::erase_if(known_, [&](const Contact& c) { return same_peer(c, contact); });
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

void Candidates::demote(const Contact& contact) {
  const auto it =
      std::ranges::find_if(known_, [&](const Contact& c) { return same_peer(c, contact); });
  if (it != known_.end()) std::rotate(known_.begin(), it, it + 1);
}

Contact Candidates::take() {
  const Contact next = queue_.front();
  queue_.erase(queue_.begin());
  if (referred_ > 0) --referred_;
  taken_.push_back(next);
  return next;
}

}  // namespace swarmcast::overlay
