#include "engine/repair/nak_tracker.h"

#include <algorithm>

namespace swarmcast::repair {
namespace {

constexpr uint64_t kNumbersPerGap = 64;
// A gap is remembered this long after it is closed, to notice that its numbers were only late.
constexpr Duration kRemember = Duration::millis(200);
// A gap around which nothing is wanted waits this long for the next frame of a silent track.
constexpr Duration kPatience = Duration::millis(400);
// Whatever happens, a gap is forgotten after this.
constexpr Duration kMaxAge = kMaxPlayout + kMaxPlayout;
// How far back frames are searched that lack what no gap explains.
constexpr uint32_t kLookBack = 16;
constexpr uint32_t kMaxFramesInGap = 64;

constexpr Duration kMinMargin = Duration::millis(5);
constexpr Duration kMaxMargin = Duration::millis(60);
constexpr Duration kMinRepeat = Duration::millis(2);
constexpr Duration kMaxRepeat = Duration::millis(10);

constexpr uint64_t low_bits(uint64_t n) { return n >= 64 ? ~uint64_t{0} : (uint64_t{1} << n) - 1; }

uint64_t lowest(uint64_t set, int n) {
  uint64_t out = 0;
  for (; n > 0 && set; --n) {
    const uint64_t bit = set & -set;
    out |= bit;
    set ^= bit;
  }
  return out;
}

uint64_t highest(uint64_t set, int n) {
  uint64_t out = 0;
  for (; n > 0 && set; --n) {
    const uint64_t bit = std::bit_floor(set);
    out |= bit;
    set ^= bit;
  }
  return out;
}

}  // namespace

FragmentId NakTracker::Gap::fragment(int number) const {
  if (number < tail)
    return {first_fragment.frame, static_cast<uint8_t>(first_fragment.index + number)};
  return {{first_fragment.frame.track, first_fragment.frame.number.next()},
          static_cast<uint8_t>(number - tail)};
}

uint64_t NakTracker::Gap::numbers_of(FrameId frame) const {
  if (frame == first_fragment.frame) return low_bits(tail);
  return frame == fragment(tail).frame ? ~low_bits(tail) : 0;
}

bool NakTracker::Gap::may_hold(FrameId frame) const {
  if (placed) return (numbers_of(frame) & absent) != 0;
  const Place& b = before[frame.track.value()];
  const Place& a = after[frame.track.value()];
  return (!b.known() || b.number <= frame.number) && (!a.known() || frame.number <= a.number);
}

uint64_t NakTracker::Gap::likely_number_of(FragmentId fragment) const {
  const Place& b = before[fragment.frame.track.value()];
  const Place& a = after[fragment.frame.track.value()];
  const FrameNumber frame = fragment.frame.number;
  int number = -1;
  if (b.known() && frame == b.number) {
    number = fragment.index - b.index - 1;
  } else if (b.known() && frame == b.number.next()) {
    number = b.total - 1 - b.index + fragment.index;
  } else if (a.known() && frame == a.number) {
    number = count - a.index + fragment.index;
  }
  return number >= 0 && number < count ? uint64_t{1} << number : 0;
}

bool NakTracker::Gap::has_after() const {
  return std::ranges::any_of(after, [](const Place& a) { return a.known(); });
}

void NakTracker::on_received(Instant now, LinkSequence sequence, const FrameHeader& header,
                             uint8_t index, Arrival arrival) {
  if (sequence.value() >= next_) {
    if (sequence.value() - next_ > kMaxJump)
      reset();
    else
      reveal(now, sequence.value());
    next_ = sequence.value() + 1;
    if (arrival == Arrival::kPush)
      move_place(now, header.id.track, {header.id.number, index, header.total()});
  } else {
    on_late(now, sequence.value());
  }
  if (arrival != Arrival::kPush) on_repair({header.id, index}, arrival == Arrival::kRepair);
}

void NakTracker::on_tick(Instant now, LinkSequence last) {
  if (last.value() < next_) return;
  if (last.value() - next_ > kMaxJump) {
    reset();
  } else {
    reveal(now, last.value() + 1);
  }
  next_ = last.value() + 1;
}

void NakTracker::on_dont_have(SequenceSpan span) {
  for (size_t i = 0; i < gap_count_; ++i) {
    Gap& g = gap(i);
    for (uint64_t set = g.wanted(); set; set &= set - 1) {
      const uint64_t bit = set & -set;
      const uint64_t number = g.first + static_cast<uint64_t>(std::countr_zero(bit));
      if (number < span.first.value() || number - span.first.value() >= span.count) continue;
      g.settled |= bit;
      g.outstanding &= ~bit;
    }
  }
}

void NakTracker::reset() {
  oldest_ = gap_count_ = 0;
  next_timeout_ = Instant::never();
}

void NakTracker::due(Instant now, const NakContext& context, NakRequest& out) {
  out.clear();
  next_timeout_ = Instant::never();
  forget_old(now);
  const Duration margin = std::clamp(context.rttvar * 4, kMinMargin, kMaxMargin);
  const Duration soonest = std::max(context.srtt - context.rttvar * 2, context.srtt / 2);
  const Clock clock{
      .now = now, .context = context, .retry = context.srtt + margin, .earliest = now + soonest};
  for (size_t i = 0; i < gap_count_; ++i) visit(gap(i), clock, out);
}

// --- what arrives ---

NakTracker::Gap* NakTracker::find_gap(uint64_t sequence) {
  for (size_t i = gap_count_; i-- > 0;) {
    Gap& g = gap(i);
    if (sequence >= g.first) return sequence - g.first < kNumbersPerGap ? &g : nullptr;
  }
  return nullptr;
}

void NakTracker::reveal(Instant now, uint64_t end) {
  counts_.lost += end - next_;
  for (uint64_t first = next_; first < end; first += kNumbersPerGap) {
    if (gap_count_ == kMaxGaps) {
      oldest_ = (oldest_ + 1) % kMaxGaps;
      --gap_count_;
    }
    Gap& g = gap(gap_count_++);
    g = Gap();
    g.first = first;
    g.count = static_cast<uint8_t>(std::min(end - first, kNumbersPerGap));
    g.absent = low_bits(g.count);
    g.revealed = now;
    g.before = newest_;
  }
  if (end > next_) wake_at(now);
}

void NakTracker::on_late(Instant now, uint64_t sequence) {
  Gap* g = find_gap(sequence);
  if (!g) return;
  const uint64_t bit = uint64_t{1} << (sequence - g->first);
  if (!(g->absent & bit)) return;
  reordering_.on_late(now, now - g->revealed, next_ - 1 - sequence);
  if (g->asked & bit) ++counts_.spurious;
  g->absent &= ~bit;
  g->outstanding &= ~bit;
}

// A repair does not say which number it answers. If the gap is not placed any number asked for will
// do, until a repair of something we had shows that the guess was wrong.
void NakTracker::on_repair(FragmentId fragment, bool useful) {
  Gap* guess = nullptr;
  Gap* wrong = nullptr;
  for (size_t i = 0; i < gap_count_; ++i) {
    Gap& g = gap(i);
    if (!g.may_hold(fragment.frame)) continue;
    if (!g.placed) {
      if (!guess && (g.asked & g.wanted())) guess = &g;
      if (!wrong && (g.asked & g.absent & g.settled)) wrong = &g;
      continue;
    }
    for (uint64_t set = g.asked & g.wanted(); set; set &= set - 1) {
      if (g.fragment(std::countr_zero(set)) != fragment) continue;
      g.settled |= set & -set;
      g.outstanding &= ~(set & -set);
      ++counts_.repaired;
      return;
    }
  }
  if (!guess) return;
  const uint64_t open = guess->asked & guess->wanted();
  const uint64_t likely = open & guess->likely_number_of(fragment);
  const uint64_t bit = likely ? likely : lowest(guess->outstanding ? guess->outstanding : open, 1);
  if (!useful && wrong) wrong->settled &= ~lowest(wrong->asked & wrong->absent & wrong->settled, 1);
  guess->settled |= bit;
  guess->outstanding &= ~bit;
  if (useful) ++counts_.repaired;
}

void NakTracker::move_place(Instant now, TrackId track, const Place& place) {
  const size_t t = track.value();
  Place& newest = newest_[t];
  // Older than the newest: the sender itself got it late. Says nothing about the order.
  if (newest.known() && (place.number < newest.number ||
                         (place.number == newest.number && place.index <= newest.index)))
    return;
  size_t i = gap_count_;
  while (i > 0 && !gap(i - 1).after[t].known()) gap(--i).after[t] = place;
  place_gaps(i, track, place);
  newest = place;
  newest_at_[t] = now;
}

void NakTracker::place_gaps(size_t i, TrackId track, const Place& after) {
  const Place& before = newest_[track.value()];
  if (i == gap_count_ || !before.known()) return;
  uint32_t tail = 0, head = 0;  // what was skipped of the frame before, and of this one
  if (after.number == before.number) {
    tail = after.index - before.index - 1u;
  } else if (after.number == before.number.next()) {
    tail = before.total - 1u - before.index;
    head = after.index;
  } else {
    return;
  }
  uint64_t missing = 0;
  for (size_t g = i; g < gap_count_; ++g) missing += gap(g).count;
  if (missing > tail + head)
    for (size_t g = i; g < gap_count_; ++g) gap(g).surplus = true;
  if (missing != tail + head) return;
  // Nor may another track have skipped a frame meanwhile.
  for (size_t t = 0; t < kMaxTracks; ++t)
    if (t != track.value() && gap(i).before[t].known() &&
        newest_[t].number.value() - gap(i).before[t].number.value() > 1)
      return;
  uint32_t skipped = 0;  // by the gaps already placed
  for (size_t g = i; g < gap_count_; ++g) {
    Gap& placed = gap(g);
    placed.placed = true;
    if (skipped < tail) {
      placed.tail = static_cast<uint8_t>(std::min<uint32_t>(tail - skipped, placed.count));
      placed.first_fragment = {{track, before.number},
                               static_cast<uint8_t>(before.index + 1 + skipped)};
    } else {
      placed.tail = placed.count;  // all of it belongs to the frame it begins with
      placed.first_fragment = {{track, after.number}, static_cast<uint8_t>(skipped - tail)};
    }
    skipped += placed.count;
  }
}

void NakTracker::forget_old(Instant now) {
  while (gap_count_ > 0) {
    const Gap& g = gap(0);
    const Duration age = now - g.revealed;
    const bool done = g.closed || g.wanted() == 0;
    if (age < kRemember || (!done && age < kMaxAge)) return;
    oldest_ = (oldest_ + 1) % kMaxGaps;
    --gap_count_;
  }
}

// --- what to ask for ---

void NakTracker::visit(Gap& g, const Clock& clock, NakRequest& out) {
  if (g.closed || g.wanted() == 0) return;
  if (!ripe(g, clock.now)) return wake_at(g.revealed + reordering_.wait(clock.now));
  if (g.outstanding && clock.now >= g.asked_at + clock.retry) {
    g.outstanding = 0;
    g.repeat_at = Instant::never();
  }
  const Verdict verdict = judge(g, clock);
  if (!verdict.useful && clock.now - g.revealed > kPatience) {
    g.closed = true;
    return;
  }
  const uint64_t numbers = verdict.numbers & g.wanted() & ~g.outstanding;
  if (numbers) ask(g, numbers, verdict.deadline, clock, out);
  if (!g.outstanding) return wake_at(verdict.recheck);
  if (clock.now >= g.repeat_at) {
    for (uint64_t set = g.outstanding; set; set &= set - 1)
      out.normal.add(LinkSequence(g.first + static_cast<uint64_t>(std::countr_zero(set))));
    const Duration next = (clock.now - g.asked_at) * 2;
    g.repeat_at = next * 2 > clock.retry ? Instant::never() : clock.now + next;
  }
  wake_at(std::min({verdict.recheck, g.repeat_at, g.asked_at + clock.retry}));
}

void NakTracker::ask(Gap& g, uint64_t numbers, Instant deadline, const Clock& clock,
                     NakRequest& out) {
  const bool last_try = clock.earliest + clock.retry > deadline;
  NakList& list = last_try ? out.urgent : out.normal;
  for (uint64_t set = numbers; set; set &= set - 1) {
    const int i = std::countr_zero(set);
    if (!list.add(LinkSequence(g.first + static_cast<uint64_t>(i)))) {
      wake_at(clock.now);
      break;
    }
    g.outstanding |= uint64_t{1} << i;
    ++counts_.nak_sent;
  }
  g.asked |= g.outstanding;
  g.asked_at = clock.now;
  if (clock.context.repeat || last_try)
    g.repeat_at = clock.now + std::clamp(clock.context.srtt / 8, kMinRepeat, kMaxRepeat);
}

bool NakTracker::ripe(const Gap& g, Instant now) const {
  if (now - g.revealed >= reordering_.wait(now)) return true;
  return next_ - 1 - g.first > reordering_.distance(now);
}

NakTracker::Verdict NakTracker::judge(const Gap& g, const Clock& clock) const {
  Verdict verdict;
  if (g.placed) {
    judge_placed(g, clock, verdict);
    return verdict;
  }
  for (uint8_t t = 0; t < kMaxTracks; ++t)
    if (g.before[t].known() || g.after[t].known()) judge_track(g, TrackId(t), clock, verdict);
  if (!verdict.numbers) {
    const uint64_t open = g.wanted() & ~g.outstanding;
    verdict.numbers = lowest(open, orphans(clock, verdict));
  } else if (g.surplus) {
    verdict.numbers = g.wanted() & ~g.outstanding;
  }
  return verdict;
}

void NakTracker::judge_placed(const Gap& g, const Clock& clock, Verdict& verdict) const {
  for (const FrameId frame : {g.first_fragment.frame, g.fragment(g.tail).frame}) {
    uint64_t open = g.wanted() & ~g.outstanding & g.numbers_of(frame);
    if (const FrameState* state = open ? clock.context.frames.need(frame).state : nullptr)
      for (uint64_t set = open; set; set &= set - 1)
        if (state->have[g.fragment(std::countr_zero(set)).index]) open &= ~(set & -set);
    if (open) verdict.numbers |= lowest(open, deficit(frame, clock, 0, verdict));
  }
}

void NakTracker::judge_track(const Gap& g, TrackId track, const Clock& clock,
                             Verdict& verdict) const {
  const Place& before = g.before[track.value()];
  const Place& after = g.after[track.value()];
  if (!after.known()) return judge_open_end(g, track, clock, verdict);
  const FrameId last{track, after.number};
  const uint64_t open = g.wanted() & ~g.outstanding;
  if (!before.known()) {
    verdict.numbers |= highest(open, deficit(last, clock, 0, verdict));
    return;
  }
  if (before.number == after.number) {
    // Nothing of the frame was skipped: the gap held a repair, or another track.
    if (after.index == before.index + 1) return;
    verdict.numbers |= lowest(open, deficit(last, clock, 0, verdict));
    return;
  }
  if (before.index + 1 < before.total)
    verdict.numbers |= lowest(open, deficit({track, before.number}, clock, 0, verdict));
  if (after.index > 0) verdict.numbers |= highest(open, deficit(last, clock, 0, verdict));
  const uint32_t between = after.number.value() - before.number.value() - 1;
  for (uint32_t i = 0; i < std::min(between, kMaxFramesInGap); ++i) {
    const FrameNumber number(after.number.value() - 1 - i);
    if (deficit({track, number}, clock, 0, verdict) > 0) verdict.numbers = open;
  }
}

// Nothing came on this track since the gap: it may hold the end of the last frame, or the next.
void NakTracker::judge_open_end(const Gap& g, TrackId track, const Clock& clock,
                                Verdict& verdict) const {
  const Place& before = g.before[track.value()];
  const uint64_t open = g.wanted() & ~g.outstanding;
  const int missing = std::popcount(g.wanted());
  const int rest = before.total - 1 - before.index;
  if (rest > 0) {
    const int gone = std::min(missing, rest);
    verdict.numbers |= lowest(open, deficit({track, before.number}, clock, gone, verdict));
  }
  // While the link is busy the next frame will tell. An idle one (TICK) must be asked.
  if (missing <= rest || g.has_after()) return;
  if (deficit({track, before.number.next()}, clock, 0, verdict) > 0) verdict.numbers = open;
}

int NakTracker::deficit(FrameId frame, const Clock& clock, int gone, Verdict& verdict) const {
  const FrameNeed need = clock.context.frames.need(frame);
  if (!need.wanted || need.deadline < clock.earliest) return 0;
  verdict.useful = true;
  if (!need.state) {  // every gap that may hold it is worth asking for
    verdict.deadline = std::min(verdict.deadline, need.deadline);
    return 1;
  }
  int lacking = need.state->lacking();
  for (size_t i = 0; i < gap_count_; ++i) {
    const Gap& g = gap(i);
    if (g.outstanding && !g.surplus && g.may_hold(frame))
      lacking -= std::popcount(g.placed ? g.outstanding & g.numbers_of(frame) : g.outstanding);
  }
  // Parity that is still on its way may do, if there is time to ask twice should it not.
  const Place& newest = newest_[frame.track.value()];
  const Instant settled = newest_at_[frame.track.value()] + kSettle;
  if (newest.known() && newest.number == frame.number && clock.now < settled &&
      clock.earliest + clock.retry * 2 < need.deadline) {
    verdict.recheck = std::min(verdict.recheck, settled);
    lacking -= std::max(0, newest.total - 1 - newest.index - gone);
  }
  if (lacking > 0) verdict.deadline = std::min(verdict.deadline, need.deadline);
  return std::max(0, lacking);
}

int NakTracker::orphans(const Clock& clock, Verdict& verdict) const {
  int sum = 0;
  for (uint8_t t = 0; t < kMaxTracks; ++t) {
    if (!newest_[t].known()) continue;
    const uint32_t newest = newest_[t].number.value();
    for (uint32_t back = 1; back <= std::min(kLookBack, newest); ++back) {
      const FrameId frame{TrackId(t), FrameNumber(newest - back)};
      bool explained = false;
      for (size_t i = 0; i < gap_count_ && !explained; ++i) {
        const Gap& g = gap(i);
        explained = g.wanted() && g.before[t].known() && g.after[t].known() && g.may_hold(frame);
      }
      if (!explained) sum += deficit(frame, clock, 0, verdict);
    }
  }
  return sum;
}

}  // namespace swarmcast::repair
