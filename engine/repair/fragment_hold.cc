#include "engine/repair/fragment_hold.h"

#include <algorithm>

namespace swarmcast::repair {

std::optional<LinkSequence> FragmentHold::add(Instant now, FrameId frame, LinkSequence sequence,
                                              ByteSpan message) {
  std::optional<LinkSequence> dropped;
  if (held_.size() == kCapacity) {
    dropped = held_.front().sequence;
    held_.erase(held_.begin());
  }
  held_.push_back({frame, sequence, now, {message.begin(), message.end()}});
  return dropped;
}

std::optional<FragmentHold::Held> FragmentHold::take(FrameId frame) {
  const auto it = std::ranges::find(held_, frame, &Held::frame);
  if (it == held_.end()) return std::nullopt;
  Held out = std::move(*it);
  held_.erase(it);
  return out;
}

void FragmentHold::expire(Instant now) {
  std::erase_if(held_, [&](const Held& held) { return held.since + kMaxAge < now; });
}

}  // namespace swarmcast::repair
