#include "engine/repair/gap_tracker.h"

#include <algorithm>

namespace swarmcast::repair {
namespace {

constexpr Duration kMinMargin = Duration::millis(5);
constexpr Duration kMaxMargin = Duration::millis(60);
// Losses that show within this time share a NAK.
constexpr Duration kMinInterval = Duration::millis(3);
constexpr Duration kMinRepeat = Duration::millis(4);
// While nothing is wanted, gaps are looked at again this often.
constexpr Duration kIdleCheck = Duration::millis(20);

}  // namespace

bool NakList::add(LinkSequence sequence) {
  if (count_ > 0) {
    SequenceSpan& last = spans_[count_ - 1];
    if (last.first.value() + last.count == sequence.value() && last.count < kMaxSpanLength) {
      ++last.count;
      return true;
    }
  }
  if (count_ == kMaxSpans) return false;
  spans_[count_++] = {sequence, 1};
  return true;
}

GapTracker::Gap* GapTracker::find(uint64_t number) {
  const size_t oldest = revealed_ > kMaxGaps ? revealed_ - kMaxGaps : 0;
  for (size_t i = revealed_; i-- > oldest;) {
    Gap& gap = gaps_[i % kMaxGaps];
    if (gap.number == number) return gap.open ? &gap : nullptr;
    if (gap.number < number) return nullptr;
  }
  return nullptr;
}

size_t GapTracker::open_gaps() const {
  return static_cast<size_t>(std::ranges::count(gaps_, true, &Gap::open));
}

void GapTracker::on_received(Instant now, LinkSequence sequence, Instant deadline,
                             std::optional<LinkSequence> answers) {
  if (sequence.value() >= next_) {
    // A repair's frame is older than what else was sent around it.
    if (!answers || deadline_.is_never()) deadline_ = deadline;
    reveal(now, sequence.value());
    next_ = sequence.value() + 1;
  } else if (Gap* gap = find(sequence.value())) {  // it was only late
    reordering_.on_late(now, now - gap->revealed, next_ - 1 - sequence.value());
    if (!gap->asked.is_never()) ++counts_.spurious;
    gap->open = false;
  }
  if (Gap* gap = answers ? find(answers->value()) : nullptr) {
    ++counts_.repaired;
    gap->open = false;
  }
}

void GapTracker::on_tick(Instant now, LinkSequence last) {
  if (last.value() < next_) return;
  reveal(now, last.value() + 1);
  next_ = last.value() + 1;
}

void GapTracker::reveal(Instant now, uint64_t end) {
  if (end == next_) return;
  if (end - next_ > kMaxJump) {
    for (Gap& gap : gaps_) gap.open = false;
    return;
  }
  counts_.lost += end - next_;
  const uint64_t first = std::max(next_, end > kMaxGaps ? end - kMaxGaps : 0);
  for (uint64_t number = first; number < end; ++number) {
    gaps_[revealed_++ % kMaxGaps] = {
        .number = number, .revealed = now, .deadline = deadline_, .open = true};
  }
  next_timeout_ = now;
}

void GapTracker::on_settled(SequenceSpan span) {
  for (uint32_t i = 0; i < span.count; ++i) close(span.first.value() + i);
}

bool GapTracker::ripe(const Gap& gap, Instant now) const {
  return now - gap.revealed >= reordering_.wait(now) ||
         next_ - 1 - gap.number > reordering_.distance(now);
}

// Every NAK repeats what was asked less than a round trip ago: NAKs get lost, too, and the sender
// answers a number only once a round trip.
NakRequest GapTracker::due(Instant now, const NakContext& context) {
  NakRequest out;
  if (now < last_nak_ + kMinInterval) {
    next_timeout_ = last_nak_ + kMinInterval;
    return out;
  }
  next_timeout_ = Instant::never();
  const Duration margin = std::clamp(context.rttvar * 4, kMinMargin, kMaxMargin);
  const Duration retry = context.srtt + margin;
  bool fresh = false;
  const size_t oldest = revealed_ > kMaxGaps ? revealed_ - kMaxGaps : 0;
  for (size_t i = oldest; i < revealed_; ++i) {
    Gap& gap = gaps_[i % kMaxGaps];
    if (!gap.open) continue;
    if (now > gap.deadline + kGrace) {
      gap.open = false;
      continue;
    }
    if (!context.hungry) {
      next_timeout_ = std::min(next_timeout_, now + kIdleCheck);
      continue;
    }
    if (!ripe(gap, now)) {
      next_timeout_ = std::min(next_timeout_, gap.revealed + reordering_.wait(now));
      continue;
    }
    const bool ask = gap.asked.is_never() || now >= gap.asked + retry;
    const bool too_late = now + context.srtt > gap.deadline;
    const bool last_try = gap.asks > 1 || now + retry * 2 > gap.deadline;
    NakList& list = too_late ? out.late : (last_try ? out.urgent : out.normal);
    if (!list.add(LinkSequence(gap.number))) break;
    if (ask) {
      gap.asked = now;
      gap.repeat_at =
          context.lossy ? now + std::max(context.srtt / 4, kMinRepeat) : Instant::never();
      gap.asks = static_cast<uint8_t>(std::min(gap.asks + 1, UINT8_MAX));
      ++counts_.nak_sent;
      fresh = true;
    } else if (now >= gap.repeat_at) {
      const Duration next = (now - gap.asked) * 2;
      gap.repeat_at = next < context.srtt * 3 / 4 ? gap.asked + next : Instant::never();
      fresh = true;
    }
    next_timeout_ = std::min({next_timeout_, gap.asked + retry, gap.repeat_at});
  }
  if (!fresh) return {};
  last_nak_ = now;
  return out;
}

}  // namespace swarmcast::repair
