// How many children we feed. A place is one child in one stripe; the uplink that it costs is the
// same in all of them.
#pragma once

#include <algorithm>
#include <array>
#include <numeric>

#include "engine/base/stripes.h"

namespace swarmcast::overlay {

class Places {
 public:
  enum class Spread {
    kEven,     // the source: each stripe needs its root
    kShared,   // whoever comes first, in a swarm so small that its trees are flat anyway
    kPrimary,  // most in one stripe, so that its tree is flat (SplitStream's interior nodes)
  };

  Places(size_t total, size_t stripes, Spread spread)
      : total_(total), stripes_(stripes), spread_(spread) {}

  void set_total(size_t total) { total_ = total; }
  void set_spread(Spread spread) { spread_ = spread; }
  void set_used(StripeId stripe, size_t children) { used_[stripe.value()] = children; }

  // How many children the stripe may have, those it has included; `in_vain`: for one that all
  // others have refused.
  size_t in(StripeId stripe, bool in_vain) const {
    const size_t here = used_[stripe.value()];
    if (spread_ == Spread::kEven)
      return total_ / stripes_ + (stripe.value() < total_ % stripes_ ? 1 : 0);
    const size_t elsewhere = std::accumulate(used_.begin(), used_.end(), size_t{0}) - here;
    const size_t left = total_ > elsewhere ? total_ - elsewhere : 0;
    // Ours is the stripe that asked first; the others get half, so that no place stays empty for
    // want of the right asker.
    const bool primary = here == *std::ranges::max_element(used_);
    if (spread_ == Spread::kShared || primary || in_vain) return left;
    const size_t reserve = total_ / 2;
    return std::max(std::min(left, here), left > reserve ? left - reserve : 0);
  }

 private:
  size_t total_;
  size_t stripes_;
  Spread spread_;
  std::array<size_t, kMaxStripes> used_{};
};

}  // namespace swarmcast::overlay
