#include "engine/repair/sent_log.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "engine/base/check.h"
#include "engine/repair/gap_tracker.h"

namespace swarmcast::repair {
namespace {

// A repair that has not left so long after it was promised was dropped: its link is too slow.
constexpr Duration kLongestQueue = Duration::seconds(1);
constexpr size_t kFirstEntries = 64;
static_assert(SentLog::kSpan >= kMaxPlayout + GapTracker::kGrace);

}  // namespace

SentLog::SentLog(size_t capacity) : capacity_(capacity) {
  SWARMCAST_CHECK(std::has_single_bit(capacity) && capacity <= 32'768);
}

const SentLog::Entry* SentLog::find(LinkSequence sequence) const {
  const bool held = sequence.value() >= oldest_ && sequence.value() < next_;
  return held ? &entries_[sequence.value() & (entries_.size() - 1)] : nullptr;
}

// For one more entry: a full ring grows unless the oldest is of no use any more.
void SentLog::make_room(Instant now) {
  if (next_ - oldest_ < entries_.size()) return;
  const Entry* oldest = find(LinkSequence(oldest_));
  const bool wanted = !oldest || now - oldest->sent <= kSpan;
  if (wanted && entries_.size() < capacity_)
    grow();
  else
    ++oldest_;
}

void SentLog::grow() {
  std::vector<Entry> larger(
      std::clamp(entries_.size() * 2, std::min(kFirstEntries, capacity_), capacity_));
  for (uint64_t n = oldest_; n < next_; ++n)
    larger[n & (larger.size() - 1)] = entries_[n & (entries_.size() - 1)];
  entries_ = std::move(larger);
  if (tallies_.empty()) tallies_.resize(kTallies);
}

SentLog::Entry* SentLog::find(LinkSequence sequence) {
  return const_cast<Entry*>(std::as_const(*this).find(sequence));
}

LinkSequence SentLog::origin_of(LinkSequence sequence) const {
  const Entry* entry = find(sequence);
  if (!entry || entry->back == 0) return sequence;
  const LinkSequence origin(sequence.value() - entry->back);
  return find(origin) ? origin : sequence;
}

std::optional<FragmentId> SentLog::lookup(LinkSequence sequence) const {
  const Entry* entry = find(sequence);
  return entry ? std::optional(entry->fragment) : std::nullopt;
}

// Direct-mapped: tracks and neighbouring numbers do not collide.
size_t SentLog::tally_slot(FrameId frame) {
  return (frame.number.value() * 2 + frame.track.value() % 2) % kTallies;
}

SentLog::FrameTally& SentLog::tally(FrameId frame) {
  FrameTally& t = tallies_[tally_slot(frame)];
  if (!t.used || t.frame != frame) t = {.frame = frame, .used = true};
  return t;
}

LinkSequence SentLog::record(Instant now, FragmentId fragment, std::optional<LinkSequence> answers,
                             bool lean) {
  make_room(now);
  const LinkSequence number(next_++);
  Entry& entry = *find(number);
  entry = {.fragment = fragment, .sent = now};
  const LinkSequence origin = answers ? origin_of(*answers) : number;
  Entry* first = find(origin);
  if (!first || first->fragment != fragment) first = &entry;
  if (first != &entry) {
    entry.back = static_cast<uint16_t>(number.value() - origin.value());
    first->forward = entry.back;
  }
  if (first->alive < UINT8_MAX) ++first->alive;
  first->queued = false;
  FrameTally& frame = tally(fragment.frame);
  frame.under_way.set(fragment.index);
  if (!lean) frame.whole.set(fragment.index);
  return number;
}

bool SentLog::was_repaired(LinkSequence sequence) const {
  const Entry* first = find(origin_of(sequence));
  return first && first->forward > 0;
}

size_t SentLog::proofs_beside(FragmentId fragment) const {
  if (tallies_.empty()) return 0;
  const FrameTally& t = tallies_[tally_slot(fragment.frame)];
  return t.used && t.frame == fragment.frame ? t.whole.count() - t.whole[fragment.index] : 0;
}

NakAnswer SentLog::on_nak(LinkSequence sequence, Instant now, Duration srtt, uint8_t k) {
  Entry* entry = find(sequence);
  if (!entry) return NakAnswer::kSettled;
  // A NAK names a number several times in a round.
  if (!entry->answered.is_never() && now - entry->answered < srtt * 3 / 4) return NakAnswer::kWait;
  const LinkSequence origin = origin_of(sequence);
  Entry& first = *find(origin);
  if (!entry->lost && first.alive > 0) --first.alive;
  entry->lost = true;
  const Duration patience = first.queued ? kLongestQueue : srtt * 3 / 4;
  const bool promised = !first.answered.is_never() && now - first.answered < patience;
  if (promised || first.alive > 0) {
    // A repair that is lost is repaired under the number it answered.
    if (sequence != origin) return settle(*entry, now);
    const Entry* last = find(LinkSequence(origin.value() + first.forward));
    if (promised || now - last->sent < srtt) return NakAnswer::kWait;
    first.alive = 0;  // asked for again: lost as well, whether or not their own gaps have shown
  }
  FrameTally& frame = tally(entry->fragment.frame);
  FragmentSet& under_way = frame.under_way;
  under_way.reset(entry->fragment.index);
  frame.whole.reset(entry->fragment.index);
  // Enough of it is of use only with something that proves it.
  if (under_way.count() >= k && frame.whole.any()) return settle(*entry, now);
  under_way.set(entry->fragment.index);
  entry->answered = first.answered = now;
  first.queued = true;
  return NakAnswer::kResend;
}

NakAnswer SentLog::settle(Entry& entry, Instant now) {
  entry.answered = now;
  return NakAnswer::kSettled;
}

}  // namespace swarmcast::repair
