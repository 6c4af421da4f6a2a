// What a link's sender remembers of its last messages, to answer NAKs (spec/repair.md,
// "Answering").
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/limits.h"
#include "engine/base/sequence.h"
#include "engine/base/time.h"
#include "engine/repair/reed_solomon.h"

namespace swarmcast::repair {

enum class NakAnswer {
  kResend,   // it is lost: send it again
  kWait,     // it is on its way again already
  kSettled,  // it need not be asked for again
};

// A ring of the last media messages of one link: those of the last kSpan, but never more than
// `capacity`. Every transmission, repairs included, gets a number of its own. A link that sends no
// media takes no memory, and one that does as much as its rate asks for.
class SentLog {
 public:
  static constexpr size_t kDefaultCapacity = 2'048;  // 2 s at 8 Mbit/s
  // Who waited longer does not want it any more.
  static constexpr Duration kSpan = kMaxPlayout + Duration::seconds(1);

  // `capacity`: a power of two <= 32,768, or 16 bits would not name an entry.
  explicit SentLog(size_t capacity = kDefaultCapacity);

  // Numbers a message that leaves now; `answers` is the lost number it repeats, `lean` whether it
  // leaves out what proves its frame.
  LinkSequence record(Instant now, FragmentId fragment,
                      std::optional<LinkSequence> answers = std::nullopt, bool lean = false);

  // Whether its fragment was repaired before: what is lost twice is worth copies where losses come
  // in runs.
  bool was_repaired(LinkSequence sequence) const;

  // How many other fragments of its frame that prove it (whole ones) are with the neighbour or on
  // their way to it, as far as is known.
  size_t proofs_beside(FragmentId fragment) const;

  // The number the next message will get; `next() - 1` goes into a TICK.
  LinkSequence next() const { return LinkSequence(next_); }
  // Bytes taken so far.
  size_t memory() const {
    return entries_.size() * sizeof(Entry) + tallies_.size() * sizeof(FrameTally);
  }
  // What a neighbour means by 16 bits.
  LinkSequence unwrap(uint16_t low) const { return LinkSequence(unwrap_sequence(low, next_)); }

  // nullopt if nothing was sent under this number, or too long ago.
  std::optional<FragmentId> lookup(LinkSequence sequence) const;

  // The neighbour says that it did not get `sequence`. `k`: fragments its frame needs. A number
  // whose frame it can complete with the rest of what it was sent is settled. kResend counts as
  // done: the caller sends it. `srtt`: when a NAK can tell that a repair is lost, that is a round
  // trip and its usual deviation.
  NakAnswer on_nak(LinkSequence sequence, Instant now, Duration srtt, uint8_t k);

 private:
  // A number. What concerns the fragment is kept at its origin, the number it first had.
  struct Entry {
    FragmentId fragment;
    Instant sent;
    Instant answered = Instant::never();  // when a NAK for it was; origin: for any of them
    uint16_t back = 0;                    // to the origin; 0 = this is one
    uint16_t forward = 0;                 // origin: to the last repair; 0 = none
    uint8_t alive = 0;                    // origin: transmissions not known to be lost
    bool lost = false;                    // the neighbour said so
    bool queued = false;                  // origin: the repair promised has not left yet
  };
  // The fragments of a frame that are with the neighbour or on their way to it.
  struct FrameTally {
    FrameId frame;
    FragmentSet under_way;
    FragmentSet whole;  // of these, such as prove the frame
    bool used = false;
  };
  static constexpr size_t kTallies = 256;

  const Entry* find(LinkSequence sequence) const;
  Entry* find(LinkSequence sequence);
  // Where the fragment's history is kept; the number itself once its origin is forgotten.
  LinkSequence origin_of(LinkSequence sequence) const;
  FrameTally& tally(FrameId frame);
  static size_t tally_slot(FrameId frame);
  static NakAnswer settle(Entry& entry, Instant now);
  void make_room(Instant now);
  void grow();

  size_t capacity_;
  std::vector<Entry> entries_;  // by number, modulo its size: a power of two
  std::vector<FrameTally> tallies_;
  uint64_t oldest_ = 0;  // that is held
  uint64_t next_ = 0;
};

}  // namespace swarmcast::repair
