#include "engine/repair/gap_tracker.h"

#include <algorithm>
#include <bit>

namespace swarmcast::repair {
namespace {

constexpr size_t kFirstGaps = 16;
static_assert(std::has_single_bit(kFirstGaps) && std::has_single_bit(GapTracker::kMaxGaps));

constexpr Duration kMinMargin = Duration::millis(3);
constexpr Duration kMaxMargin = Duration::millis(60);
// Losses that show within this time share a NAK.
constexpr Duration kMinInterval = Duration::millis(3);
constexpr Duration kMinRepeat = Duration::millis(4);
constexpr int64_t kRepeatPart = 16;  // of the round trip
constexpr int64_t kRepeatPartInRuns = 4;
constexpr unsigned kTimesARound = 2;
constexpr unsigned kMostTimes = 3;
// Runs of losses are averaged over about the last twenty; from this mean on, what follows a lost
// message soon is likely to be lost, too.
constexpr double kRunGain = 0.05;
constexpr double kLongestRun = 50;
constexpr double kInRuns = 1.5;
// Deadlines of one frame differ by this at most as the estimate of the source's clock moves.
constexpr Duration kClockSlack = Duration::millis(5);
// The frame after the last one seen is due by then.
constexpr Duration kNextFrame = Duration::millis(100);
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
  for (size_t i = revealed_; i-- > first_;) {
    Gap& g = gap(i);
    if (g.number == number) return g.open ? &g : nullptr;
    if (g.number < number) return nullptr;
  }
  return nullptr;
}

size_t GapTracker::open_gaps() const {
  size_t out = 0;
  for (size_t i = first_; i < revealed_; ++i) out += gaps_[i & (gaps_.size() - 1)].open;
  return out;
}

void GapTracker::on_received(Instant now, LinkSequence sequence, TrackId track, Instant deadline,
                             std::optional<LinkSequence> answers) {
  if (sequence.value() >= next_) {
    // Repairs, and what a relay got late itself, are older than what else is sent around them: what
    // is missing before them may be of a newer frame, as may be what a tick reveals.
    Instant& last = deadlines_[track.value()];
    const bool first = !tracks_.test(track.value());
    const bool in_turn = !answers && (first || deadline + kClockSlack >= last);
    if (in_turn) {
      last = first ? deadline : std::max(last, deadline);
      newest_ = tracks_.none() ? last : std::max(newest_, last);
      tracks_.set(track.value());
    }
    reveal(now, sequence.value());
    if (in_turn) date_gaps(track);
    next_ = sequence.value() + 1;
  } else if (Gap* gap = find(sequence.value())) {  // it was only late
    if (!gap->held) on_late(now, *gap);
    gap->open = false;
  }
  on_answered(answers);
}

void GapTracker::on_late(Instant now, const Gap& gap) {
  reordering_.on_late(now, now - gap.revealed, next_ - 1 - gap.number);
  if (!gap.asked.is_never()) ++counts_.spurious;
}

void GapTracker::on_answered(std::optional<LinkSequence> number) {
  Gap* gap = number ? find(number->value()) : nullptr;
  if (!gap) return;
  ++counts_.repaired;
  gap->open = false;
}

// It stands among the gaps, so that it becomes one if it is given up.
void GapTracker::on_held(Instant now, LinkSequence sequence, std::optional<LinkSequence> answers) {
  if (sequence.value() >= next_) {
    reveal(now, sequence.value());
    add(now, sequence.value(), true);
    next_ = sequence.value() + 1;
  } else if (Gap* gap = find(sequence.value()); gap && !gap->held) {
    on_late(now, *gap);
    gap->held = true;
  }
  on_answered(answers);
}

void GapTracker::on_held_dropped(Instant now, LinkSequence sequence) {
  Gap* gap = find(sequence.value());
  if (!gap) return;
  gap->held = false;
  gap->revealed = now;
  next_timeout_ = now;
}

void GapTracker::forget_closed() {
  while (first_ < revealed_ && !gap(first_).open) ++first_;
}

void GapTracker::make_room() {
  if (revealed_ - first_ < gaps_.size()) return;
  if (gaps_.size() == kMaxGaps) {
    ++first_;
    return;
  }
  std::vector<Gap> larger(std::max(gaps_.size() * 2, kFirstGaps));
  for (size_t i = first_; i < revealed_; ++i) larger[i & (larger.size() - 1)] = gap(i);
  gaps_ = std::move(larger);
}

void GapTracker::add(Instant now, uint64_t number, bool held) {
  forget_closed();
  make_room();
  gap(revealed_++) = {.number = number,
                      .revealed = now,
                      .deadline = newest_,
                      .open = true,
                      .held = held,
                      .undated = tracks_.any() ? tracks_ : Tracks().set()};
}

// What was missed up to now of this track is not newer than its frame pushed last. Of the others it
// may be: a picture is captured before the sound that overtakes it while it is encoded.
void GapTracker::date_gaps(TrackId track) {
  for (size_t i = revealed_; i-- > first_;) {
    Gap& g = gap(i);
    if (g.undated.none()) break;
    if (!g.undated.test(track.value())) continue;
    g.undated.reset(track.value());
    g.deadline = newest_;
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
    first_ = revealed_;
    return;
  }
  counts_.lost += end - next_;
  run_ += (std::min(static_cast<double>(end - next_), kLongestRun) - run_) * kRunGain;
  const uint64_t first = std::max(next_, end > kMaxGaps ? end - kMaxGaps : 0);
  for (uint64_t number = first; number < end; ++number) add(now, number, false);
  next_timeout_ = now;
}

void GapTracker::on_settled(SequenceSpan span) {
  for (uint32_t i = 0; i < span.count; ++i) close(span.first.value() + i);
}

Duration GapTracker::retry_after(const NakContext& context) {
  return context.srtt + std::clamp(context.rttvar * 4, kMinMargin, kMaxMargin);
}

// Whether the gap is to be asked for; else when to look at it again goes into next_timeout_.
bool GapTracker::is_wanted(Gap& gap, Instant now, const NakContext& context) {
  if (!gap.open || gap.held) return false;
  if (now > gap.deadline + kGrace) {
    gap.open = false;
    return false;
  }
  const bool known = context.in_order && (gap.undated & tracks_).none();
  const Instant newest = known ? gap.deadline : gap.deadline + kNextFrame;
  if (newest + kClockSlack < context.hungry_from) {
    next_timeout_ = std::min(next_timeout_, now + kIdleCheck);
    return false;
  }
  const bool overtaken = next_ - 1 - gap.number > reordering_.distance(now);
  const Instant settled = gap.revealed + (overtaken ? Duration() : reordering_.wait(now));
  if (settled > now) next_timeout_ = std::min(next_timeout_, settled);
  return settled <= now;
}

// When the gap makes a NAK of its own due.
Instant GapTracker::due_at(const Gap& gap, const NakContext& context) const {
  if (gap.asked.is_never()) return gap.revealed + context.gather;
  const Instant again = gap.asked + retry_after(context);
  return gap.said < most_times(gap, context) ? std::min(again, gap.repeat_at) : again;
}

// NAKs get lost, too: so often is one said within a round.
unsigned GapTracker::most_times(const Gap& gap, const NakContext& context) const {
  if (!context.lossy) return 1;
  return gap.last_try || run_ > kInRuns ? kMostTimes : kTimesARound;
}

// Every NAK repeats what was asked less than a round trip ago: the sender answers a number only
// once a round trip.
NakRequest GapTracker::due(Instant now, const NakContext& context) {
  if (now < last_nak_ + kMinInterval) {
    next_timeout_ = last_nak_ + kMinInterval;
    return {};
  }
  next_timeout_ = Instant::never();
  Instant first_due = Instant::never();
  forget_closed();
  for (size_t i = first_; i < revealed_; ++i)
    if (is_wanted(gap(i), now, context)) first_due = std::min(first_due, due_at(gap(i), context));
  NakRequest out;
  if (first_due > now) {
    next_timeout_ = std::min(next_timeout_, first_due);
    return out;
  }
  for (size_t i = first_; i < revealed_; ++i) {
    if (!is_wanted(gap(i), now, context)) continue;
    if (!list(gap(i), now, context, out)) {  // the rest goes into the next
      next_timeout_ = now + kMinInterval;
      break;
    }
    next_timeout_ = std::min(next_timeout_, due_at(gap(i), context));
  }
  last_nak_ = now;
  return out;
}

// False if there is no room for it.
bool GapTracker::list(Gap& gap, Instant now, const NakContext& context, NakRequest& out) {
  const Duration retry = retry_after(context);
  const bool again = gap.asked.is_never() || now >= gap.asked + retry;
  const bool too_late = now + context.srtt > gap.deadline;
  if (again) gap.last_try = gap.asks > 1 || now + retry * 2 > gap.deadline;
  NakList& naks = too_late ? out.late : (gap.last_try && !context.judged ? out.urgent : out.normal);
  if (!naks.add(LinkSequence(gap.number))) return false;
  if (again) {
    gap.asked = now;
    gap.said = 0;
    gap.asks = static_cast<uint8_t>(std::min(gap.asks + 1, UINT8_MAX));
    ++counts_.nak_sent;
  }
  gap.said = static_cast<uint8_t>(std::min(gap.said + 1, UINT8_MAX));
  gap.repeat_at =
      now + std::max(context.srtt / (run_ > kInRuns ? kRepeatPartInRuns : kRepeatPart), kMinRepeat);
  return true;
}

}  // namespace swarmcast::repair
