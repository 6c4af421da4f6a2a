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

namespace swarmcast::repair {

enum class NakAnswer {
  kResend,   // it is lost: send it again
  kWait,     // it is on its way again already
  kSettled,  // it need not be asked for again
};

// A ring of the last `capacity` media messages of one link. Every transmission, repairs included,
// gets a number of its own.
class SentLog {
 public:
  static constexpr size_t kDefaultCapacity = 2'048;  // 2 s at 8 Mbit/s

  // `capacity` <= 32,768, or 16 bits would not name an entry.
  explicit SentLog(size_t capacity = kDefaultCapacity);

  // Numbers a message that leaves now; `answers` is the lost number it repeats.
  LinkSequence record(Instant now, FragmentId fragment,
                      std::optional<LinkSequence> answers = std::nullopt);

  // The number the next message will get; `next() - 1` goes into a TICK.
  LinkSequence next() const { return LinkSequence(next_); }
  // What a neighbour means by 16 bits.
  LinkSequence unwrap(uint16_t low) const { return LinkSequence(unwrap_sequence(low, next_)); }

  // nullopt if nothing was sent under this number, or too long ago.
  std::optional<FragmentId> lookup(LinkSequence sequence) const;

  // Whether it was itself a repair: what is lost twice is worth two copies.
  bool was_repair(LinkSequence sequence) const;

  // The neighbour says that it did not get `sequence`. `k`: fragments its frame needs. A number
  // whose frame it can complete with the rest of what it was sent is settled. kResend counts as
  // done: the caller sends it.
  NakAnswer on_nak(LinkSequence sequence, Instant now, Duration srtt, uint8_t k);

 private:
  struct Entry {
    FragmentId fragment;
    Instant sent;
    Instant answered = Instant::never();  // when a repair was promised
    uint64_t repeated_as = 0;             // the repair's number; 0 = not sent (yet)
    bool repair = false;
    bool counted = true;  // in its frame's tally
  };
  // How many distinct fragments of a frame are with the neighbour or on their way to it.
  struct FrameTally {
    FrameId frame;
    uint8_t under_way = 0;
    bool used = false;
  };
  static constexpr size_t kTallies = 256;

  Entry* find(LinkSequence sequence);
  FrameTally& tally(FrameId frame);

  std::vector<Entry> entries_;
  std::vector<FrameTally> tallies_;
  uint64_t next_ = 0;
};

}  // namespace swarmcast::repair
