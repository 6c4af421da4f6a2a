// Two links may lead to one neighbour that has several interfaces (multipath.cc). What each of them
// keeps about that.
#pragma once

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "engine/base/contact.h"
#include "engine/base/ids.h"
#include "engine/base/limits.h"
#include "engine/base/time.h"

namespace swarmcast::node {

// Frames that went the other way when their own fell silent. Each goes once: ways that fall silent
// by turns would feed each other for ever.
class SentAgain {
 public:
  // Whether a fragment of the frame may go. All fragments of one round may.
  bool take(const FrameId& frame) {
    const size_t track = frame.track.value();
    const uint32_t number = frame.number.value();
    if (number < below_[track]) return false;
    below_next_[track] = std::max(below_next_[track], number + 1);
    return true;
  }
  void end_round() { below_ = below_next_; }

 private:
  std::array<uint32_t, kMaxTracks> below_{};  // those below have gone
  std::array<uint32_t, kMaxTracks> below_next_{};
};

// Our parent's further addresses, for a second link to it.
class OtherAddresses {
 public:
  static constexpr Duration kNextTry = Duration::seconds(5);

  // All of the neighbour's, of which `linked` is where we have reached it. May be tried at once.
  void learn(std::span<const Endpoint> all, const Endpoint& linked, Instant now) {
    list_.clear();
    std::ranges::copy_if(all, std::back_inserter(list_),
                         [&](const Endpoint& e) { return e != linked; });
    next_try_ = now;
  }
  // The link to `left` has ended, and the one to `linked` has its place.
  void move(const Endpoint& left, const Endpoint& linked, Instant now) {
    if (list_.empty()) return;
    list_.push_back(left);
    std::erase(list_, linked);
    wait(now);
  }
  void wait(Instant now) { next_try_ = now + kNextTry; }
  // False as long as there is none.
  bool is_due(Instant now) const { return !list_.empty() && next_try_ <= now; }
  // Whose turn it is at the `n`th try; there must be one.
  const Endpoint& at_turn(size_t n) const { return list_[n % list_.size()]; }

 private:
  std::vector<Endpoint> list_;
  Instant next_try_ = Instant::never();
};

struct SecondPath {
  std::optional<LinkId> first;                 // if this is the second of two links
  Instant undecided_until = Instant::never();  // until then it may say that it is
  // As the parent.
  bool told_silent = false;  // nothing arrives there
  SentAgain sent_again;
  // As the child, of the first link.
  OtherAddresses other_addresses;

  bool is_undecided() const { return !undecided_until.is_never(); }
  // The first link, to `left`, has ended: this one, to `linked`, has its place.
  void succeed(SecondPath&& gone, const Endpoint& left, const Endpoint& linked, Instant now) {
    first.reset();
    told_silent = false;
    other_addresses = std::move(gone.other_addresses);
    other_addresses.move(left, linked, now);
  }
};

}  // namespace swarmcast::node
