// What to ask a parent for again: gaps in one link's sequence numbers, and the frames they cost.
//
// The numbers are those of the link, as packet numbers in QUIC: every transmission has a fresh
// one, repairs included. A gap is asked for by number, but only as far as a frame needs it: parity
// at hand or still on its way counts. What a missing number carried is inferred from what was
// pushed before and after it, since a sender pushes the fragments of a track in order. Where that
// does not add up (repairs and what the sender itself got late have numbers, too) a gap may hold
// any frame around it.
#pragma once

#include <array>
#include <bit>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/limits.h"
#include "engine/base/time.h"
#include "engine/repair/fragment_store.h"
#include "engine/repair/reordering.h"

namespace swarmcast::repair {

// What the node knows and wants of a frame.
struct FrameNeed {
  const FrameState* state = nullptr;  // nullptr: nothing of it is held
  bool wanted = true;  // false: complete, past, or never asked for (sent before we joined)
  Instant deadline;    // by when a repair must be here; an estimate for frames never seen
};

// Answers for any frame number, seen or not.
class FrameNeeds {
 public:
  virtual ~FrameNeeds() = default;
  virtual FrameNeed need(FrameId frame) const = 0;
};

struct NakContext {
  const FrameNeeds& frames;
  Duration srtt;  // RFC 6298
  Duration rttvar;
  // NAKs get lost, too: repeat each after srtt/8 and 3/8 srtt, as the last try always is. Worth
  // its bytes from about 2 % of loss on.
  bool repeat = false;
};

// Numbers `first` .. `first + count - 1` of the link.
struct SequenceSpan {
  LinkSequence first;
  uint32_t count = 0;
  bool operator==(const SequenceSpan&) const = default;
};

// What one call of due() asks for. Fixed size: the rest of a large need waits for the next call.
class NakList {
 public:
  static constexpr size_t kMaxSpans = 32;  // as many as one NAK message holds
  // Adds one number above all those already in; false if the list is full.
  bool add(LinkSequence sequence) {
    if (count_ > 0) {
      SequenceSpan& last = spans_[count_ - 1];
      if (last.first.value() + last.count == sequence.value() && last.count < 256) {
        ++last.count;
        return true;
      }
    }
    if (count_ == kMaxSpans) return false;
    spans_[count_++] = {sequence, 1};
    return true;
  }
  bool full() const { return count_ == kMaxSpans; }
  bool empty() const { return count_ == 0; }
  void clear() { count_ = 0; }
  std::span<const SequenceSpan> spans() const { return {spans_.data(), count_}; }

 private:
  std::array<SequenceSpan, kMaxSpans> spans_{};
  size_t count_ = 0;
};

struct NakRequest {
  NakList normal;
  NakList urgent;  // one try is left: ask for two copies
  void clear() {
    normal.clear();
    urgent.clear();
  }
};

// Cumulative.
struct NakCounts {
  uint64_t lost = 0;      // numbers that did not arrive in order
  uint64_t nak_sent = 0;  // numbers asked for; again after a round trip counts again
  uint64_t repaired = 0;  // asked for, and a repair came
  uint64_t spurious = 0;  // asked for, yet the first copy arrived
};

enum class Arrival {
  kPush,           // sent unasked
  kRepair,         // carries the repair flag, and is new to us
  kUselessRepair,  // carries the repair flag, but we had it
};

class NakTracker {
 public:
  static constexpr size_t kMaxGaps = 128;      // of up to 64 numbers each; the oldest goes first
  static constexpr uint64_t kMaxJump = 4'096;  // a larger one starts afresh
  // A frame is given up as "still being sent" this long after its last fragment.
  static constexpr Duration kSettle = Duration::millis(12);

  NakTracker() { gaps_.resize(kMaxGaps); }

  // The number to unwrap the wire's 16 bits against.
  LinkSequence expected() const { return LinkSequence(next_); }

  // A fragment came, was verified and put in the store. Call due() after it, or after a batch.
  void on_received(Instant now, LinkSequence sequence, const FrameHeader& header, uint8_t index,
                   Arrival arrival);
  // The idle sender's TICK: `last` is the number it sent last.
  void on_tick(Instant now, LinkSequence last);
  // The sender no longer holds these.
  void on_dont_have(SequenceSpan span);
  // Forgets every gap; the next number begins afresh.
  void reset();

  // Writes what to ask for now.
  void due(Instant now, const NakContext& context, NakRequest& out);
  // When due() wants to be called next if nothing arrives before.
  Instant next_timeout() const { return next_timeout_; }

  const NakCounts& counts() const { return counts_; }
  const Reordering& reordering() const { return reordering_; }
  size_t gaps() const { return gap_count_; }

 private:
  // A place in the order of fragments of a track.
  struct Place {
    FrameNumber number;
    uint8_t index = 0;
    uint8_t total = 0;  // k + r of that frame; 0 = nothing was pushed on the track yet
    bool known() const { return total != 0; }
  };
  using Places = std::array<Place, kMaxTracks>;

  // Up to 64 consecutive numbers that were missing when a later one came.
  struct Gap {
    uint64_t first = 0;
    uint8_t count = 0;
    uint64_t absent = 0;       // bit i: first + i has not arrived
    uint64_t settled = 0;      // repaired, or not to be had
    uint64_t asked = 0;        // ever
    uint64_t outstanding = 0;  // asked in this round, no answer yet
    Instant revealed;
    Instant asked_at;
    Instant repeat_at = Instant::never();
    Places before;  // the last push on each track before the gap
    Places after;   // and the first one after it
    // What the numbers carried, once that is certain: `tail` fragments from `first_fragment` on,
    // then the head of the frame after it.
    bool placed = false;
    uint8_t tail = 0;
    FragmentId first_fragment;
    // More numbers than fragments are missing here: some carried repairs, nobody knows which.
    bool surplus = false;
    bool closed = false;  // nothing to ask any more; kept for a while to notice late arrivals

    uint64_t wanted() const { return absent & ~settled; }
    FragmentId fragment(int number) const;     // if placed
    uint64_t numbers_of(FrameId frame) const;  // if placed: those that carried the frame
    bool may_hold(FrameId frame) const;
    // The number that carried the fragment if nothing but pushes of its track is missing; or none.
    uint64_t likely_number_of(FragmentId fragment) const;
    bool has_after() const;  // it was not a TICK that revealed it
  };
  // What of a gap is worth asking for.
  struct Verdict {
    uint64_t numbers = 0;
    bool useful = false;                  // some frame around it is still wanted
    Instant deadline = Instant::never();  // of the most pressing frame
    Instant recheck = Instant::never();
  };
  struct Clock {
    Instant now;
    const NakContext& context;
    Duration retry;    // from asking to asking again
    Instant earliest;  // when an answer to a question asked now can be here
  };

  Gap& gap(size_t i) { return gaps_[(oldest_ + i) % kMaxGaps]; }
  const Gap& gap(size_t i) const { return gaps_[(oldest_ + i) % kMaxGaps]; }
  Gap* find_gap(uint64_t sequence);
  // Every number from next_ up to `end` is missing.
  void reveal(Instant now, uint64_t end);
  void on_late(Instant now, uint64_t sequence);
  void on_repair(FragmentId fragment, bool useful);
  // A push of this fragment is the newest message of the link.
  void move_place(Instant now, TrackId track, const Place& place);
  // Decides what the gaps from the i-th on carried, if it adds up.
  void place_gaps(size_t i, TrackId track, const Place& after);
  void forget_old(Instant now);

  void visit(Gap& gap, const Clock& clock, NakRequest& out);
  void ask(Gap& gap, uint64_t numbers, Instant deadline, const Clock& clock, NakRequest& out);
  bool ripe(const Gap& gap, Instant now) const;
  Verdict judge(const Gap& gap, const Clock& clock) const;
  void judge_placed(const Gap& gap, const Clock& clock, Verdict& verdict) const;
  void judge_track(const Gap& gap, TrackId track, const Clock& clock, Verdict& verdict) const;
  void judge_open_end(const Gap& gap, TrackId track, const Clock& clock, Verdict& verdict) const;
  // Fragments worth asking for so that the frame completes. `gone` of those that seem still to
  // come are in a gap already.
  int deficit(FrameId frame, const Clock& clock, int gone, Verdict& verdict) const;
  // Fragments lacking in older frames that no gap explains: what a parent repaired itself and sent
  // late, and what was lost again.
  int orphans(const Clock& clock, Verdict& verdict) const;
  void wake_at(Instant when) { next_timeout_ = std::min(next_timeout_, when); }

  std::vector<Gap> gaps_;  // a ring, oldest first
  size_t oldest_ = 0;
  size_t gap_count_ = 0;
  uint64_t next_ = 0;
  Places newest_{};  // push on each track
  std::array<Instant, kMaxTracks> newest_at_{};
  Reordering reordering_;
  Instant next_timeout_ = Instant::never();
  NakCounts counts_;
};

}  // namespace swarmcast::repair
