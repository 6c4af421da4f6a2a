#include "engine/repair/fragment_hold.h"

#include <algorithm>
#include <bit>

#include "engine/base/check.h"

namespace swarmcast::repair {

std::optional<LinkSequence> FragmentHold::add(Instant now, FrameId frame, LinkSequence sequence,
                                              ByteSpan message) {
  SWARMCAST_CHECK(message.size() <= kMaxMessageSize);
  std::optional<LinkSequence> dropped;
  if (entries_.size() == kCapacity) dropped = erase(0).sequence;
  const auto place = static_cast<size_t>(std::countr_one(used_));
  used_ |= uint64_t{1} << place;
  if (place == places_.size()) places_.push_back(std::make_unique_for_overwrite<Place>());
  Place& bytes = *places_[place];
  std::ranges::copy(message, bytes.begin());
  entries_.push_back({{frame, sequence, now, ByteSpan(bytes).first(message.size())}, place});
  return dropped;
}

std::optional<FragmentHold::Held> FragmentHold::take(FrameId frame) {
  for (size_t i = 0; i < entries_.size(); ++i)
    if (entries_[i].held.frame == frame) return erase(i);
  return std::nullopt;
}

void FragmentHold::expire(Instant now) {
  while (!entries_.empty() && entries_.front().held.since + kMaxAge < now) erase(0);
}

Instant FragmentHold::oldest(Instant now) const {
  for (const Entry& entry : entries_)
    if (entry.held.since + kMaxAge >= now) return entry.held.since;
  return Instant::never();
}

FragmentHold::Held FragmentHold::erase(size_t index) {
  const Entry out = entries_[index];
  entries_.erase(entries_.begin() + static_cast<ptrdiff_t>(index));
  used_ &= ~(uint64_t{1} << out.place);
  return out.held;
}

}  // namespace swarmcast::repair
