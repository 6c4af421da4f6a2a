// What to ask a parent for again: the gaps in one link's numbers (spec/repair.md, "NAK").
//
// The numbers are the link's own, as packet numbers in QUIC (RFC 9000, section 12.3): every
// transmission has a fresh one, repairs included, so a lost repair is a gap like any other. The
// receiver need not know what a missing number carried: it asks for the number, and the sender,
// who knows, sends that again, or says that it is settled (superseded, covered by parity, no longer
// held). A repair names the number it answers.
#pragma once

#include <array>
#include <bitset>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/limits.h"
#include "engine/base/time.h"
#include "engine/repair/reordering.h"

namespace swarmcast::repair {

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
  static constexpr uint32_t kMaxSpanLength = 256;
  // Adds one number above all those already in; false if the list is full.
  bool add(LinkSequence sequence);
  bool empty() const { return count_ == 0; }
  std::span<const SequenceSpan> spans() const { return {spans_.data(), count_}; }

 private:
  std::array<SequenceSpan, kMaxSpans> spans_{};
  size_t count_ = 0;
};

struct NakRequest {
  NakList normal;
  NakList urgent;  // one try is left: ask for two copies
  NakList late;    // only base-layer frames are still of use
};

struct NakContext {
  // When the first frame is due that is incomplete and still wanted; never(): there is none. What
  // was sent before it is of no use any more.
  Instant hungry_from;
  Duration srtt;  // RFC 6298
  Duration rttvar;
  bool lossy = false;     // NAKs get lost, too: say each again before its answer can be here
  bool in_order = false;  // the sender sends one frame after the other: it is the source
  bool judged = false;    // the sender knows our deadlines and which try is the last
  Duration gather;        // wait so long for more losses before asking
};

// Cumulative.
struct NakCounts {
  uint64_t lost = 0;      // numbers that did not arrive in order
  uint64_t nak_sent = 0;  // numbers asked for; again after a round trip counts again
  uint64_t repaired = 0;  // asked for, and a repair came
  uint64_t spurious = 0;  // asked for, yet the first copy arrived
};

class GapTracker {
 public:
  static constexpr size_t kMaxGaps = 512;      // numbers; the oldest are forgotten first
  static constexpr uint64_t kMaxJump = 4'096;  // a larger one starts afresh
  // A base-layer frame that comes this late still spares those after it a wait for a key.
  static constexpr Duration kGrace = Duration::seconds(1);

  // A media message came, of a frame of `track` (below kMaxTracks). `deadline`: when its frame is
  // due here; what was sent around it is due about then. `answers`: the number it repeats.
  void on_received(Instant now, LinkSequence sequence, TrackId track, Instant deadline,
                   std::optional<LinkSequence> answers);
  // One came that proves nothing yet: it is not asked for, until told that it was given up.
  void on_held(Instant now, LinkSequence sequence, std::optional<LinkSequence> answers);
  void on_held_proven(LinkSequence sequence) { close(sequence.value()); }
  void on_held_dropped(Instant now, LinkSequence sequence);
  // The idle sender's TICK: `last` is the number it sent last.
  void on_tick(Instant now, LinkSequence last);
  // The sender will not send these again.
  void on_settled(SequenceSpan span);

  // Gives what to ask for now. Call it after every arrival and at next_timeout().
  NakRequest due(Instant now, const NakContext& context);
  Instant next_timeout() const { return next_timeout_; }

  // The number to unwrap the wire's 16 bits against.
  LinkSequence expected() const { return LinkSequence(next_); }
  size_t open_gaps() const;
  // Whether due() has anything to look at.
  bool has_gaps() {
    forget_closed();
    return first_ < revealed_;
  }
  // Gaps there is room for.
  size_t room() const { return gaps_.size(); }
  const NakCounts& counts() const { return counts_; }

 private:
  using Tracks = std::bitset<kMaxTracks>;
  struct Gap {
    uint64_t number = 0;
    Instant revealed;
    Instant deadline;
    Instant asked = Instant::never();
    Instant repeat_at = Instant::never();
    uint8_t asks = 0;  // rounds
    uint8_t said = 0;  // NAKs that named it in this round
    bool last_try = false;
    bool open = false;
    bool held = false;  // it is here, but not believed yet
    Tracks undated;     // those it may belong to with a frame newer than `deadline`
  };

  Gap* find(uint64_t number);
  // The `i`th ever revealed, first_ <= i < revealed_.
  Gap& gap(size_t i) { return gaps_[i & (gaps_.size() - 1)]; }
  void forget_closed();
  void make_room();
  void add(Instant now, uint64_t number, bool held);
  void on_late(Instant now, const Gap& gap);
  void on_answered(std::optional<LinkSequence> number);
  void reveal(Instant now, uint64_t end);
  void date_gaps(TrackId track);
  void close(uint64_t number) {
    if (Gap* gap = find(number)) gap->open = false;
  }
  bool is_wanted(Gap& gap, Instant now, const NakContext& context);
  Instant due_at(const Gap& gap, const NakContext& context) const;
  bool list(Gap& gap, Instant now, const NakContext& context, NakRequest& out);
  unsigned most_times(const Gap& gap, const NakContext& context) const;
  static Duration retry_after(const NakContext& context);

  // A ring by order of revelation, and so of their numbers. Grows while all it holds is open, to
  // kMaxGaps, a power of two as all its sizes are.
  std::vector<Gap> gaps_;
  size_t first_ = 0;     // that is remembered
  size_t revealed_ = 0;  // ever
  uint64_t next_ = 0;
  Instant newest_ = Instant::never();          // deadline, of all frames pushed
  std::array<Instant, kMaxTracks> deadlines_;  // of the frame pushed last
  Tracks tracks_;                              // that had one
  Reordering reordering_;
  double run_ = 1;  // mean length of a run of losses
  Instant next_timeout_ = Instant::never();
  Instant last_nak_ = Instant::from_us(INT64_MIN / 2);
  NakCounts counts_;
};

}  // namespace swarmcast::repair
