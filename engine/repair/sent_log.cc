#include "engine/repair/sent_log.h"

#include "engine/base/check.h"

namespace swarmcast::repair {

SentLog::SentLog(size_t capacity) : entries_(capacity), tallies_(kTallies) {
  SWARMCAST_CHECK(capacity > 0 && capacity <= 32'768);
}

SentLog::Entry* SentLog::find(LinkSequence sequence) {
  const bool held = sequence.value() < next_ && next_ - sequence.value() <= entries_.size();
  return held ? &entries_[sequence.value() % entries_.size()] : nullptr;
}

bool SentLog::was_repair(LinkSequence sequence) const {
  const Entry* entry = const_cast<SentLog*>(this)->find(sequence);
  return entry && entry->repair;
}

std::optional<FragmentId> SentLog::lookup(LinkSequence sequence) const {
  const Entry* entry = const_cast<SentLog*>(this)->find(sequence);
  return entry ? std::optional(entry->fragment) : std::nullopt;
}

// Direct-mapped: tracks and neighbouring numbers do not collide.
SentLog::FrameTally& SentLog::tally(FrameId frame) {
  const size_t slot = (frame.number.value() * 2 + frame.track.value() % 2) % kTallies;
  FrameTally& t = tallies_[slot];
  if (!t.used || t.frame != frame) t = {.frame = frame, .used = true};
  return t;
}

LinkSequence SentLog::record(Instant now, FragmentId fragment,
                             std::optional<LinkSequence> answers) {
  Entry* lost = answers ? find(*answers) : nullptr;
  const bool second_copy = lost && lost->repeated_as > 0;
  if (lost) lost->repeated_as = next_;
  entries_[next_ % entries_.size()] = {
      .fragment = fragment, .sent = now, .repair = lost != nullptr, .counted = !second_copy};
  FrameTally& t = tally(fragment.frame);
  if (!second_copy && t.under_way < UINT8_MAX) ++t.under_way;
  return LinkSequence(next_++);
}

NakAnswer SentLog::on_nak(LinkSequence sequence, Instant now, Duration srtt, uint8_t k) {
  Entry* entry = find(sequence);
  if (!entry) return NakAnswer::kSettled;
  if (entry->repeated_as > 0) {
    const Entry* repair = find(LinkSequence(entry->repeated_as));
    // A repair that is lost shows as a gap of its own; this number is done with.
    if (repair && now - repair->sent < srtt * 5 / 4) return NakAnswer::kWait;
  }
  if (!entry->answered.is_never() && now - entry->answered < srtt * 3 / 4) return NakAnswer::kWait;
  if (entry->repeated_as > 0) {
    entry->answered = now;
    return NakAnswer::kSettled;
  }
  FrameTally& t = tally(entry->fragment.frame);
  if (entry->counted && t.under_way > 0) --t.under_way;
  entry->counted = false;
  entry->answered = now;
  if (t.under_way >= k) return NakAnswer::kSettled;
  return NakAnswer::kResend;
}

}  // namespace swarmcast::repair
