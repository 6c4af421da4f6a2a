// What a link's sender remembers of its last messages, to answer NAKs and account for losses.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/ids.h"
#include "engine/base/limits.h"
#include "engine/base/sequence.h"
#include "engine/base/time.h"

namespace swarmcast::repair {

struct SentMessage {
  FragmentId fragment;
  Instant sent;
  size_t size = 0;  // bytes, kMaxMessageSize at most
};

// An urgent NAK asks for two copies. The second leaves this much later: back to back, one burst of
// losses would take both.
inline constexpr Duration kRepairCopySpacing = Duration::millis(6);

// A ring of the last `capacity` media messages of one link. Every transmission, repairs included,
// gets a number of its own, as packet numbers in QUIC do (RFC 9002, section 2.1.1): so a lost
// repair is a gap like any other.
class SentLog {
 public:
  static constexpr size_t kDefaultCapacity = 4'096;  // 4 s at 8 Mbit/s

  // `capacity` <= 32,768, or 16 bits would not name an entry.
  explicit SentLog(size_t capacity = kDefaultCapacity) : entries_(capacity) {
    SWARMCAST_CHECK(capacity > 0 && capacity <= 32'768);
  }

  // Numbers a message that leaves now.
  LinkSequence record(Instant now, FragmentId fragment, size_t size) {
    entries_[next_ % entries_.size()] = {.sent_us = now.us(),
                                         .answer_ms = 0,
                                         .number = fragment.frame.number.value(),
                                         .size = static_cast<uint16_t>(size),
                                         .track = fragment.frame.track.value(),
                                         .index = fragment.index};
    return LinkSequence(next_++);
  }

  // The number the next message will get; `next() - 1` goes into a TICK.
  LinkSequence next() const { return LinkSequence(next_); }
  // What a neighbour means by 16 bits.
  LinkSequence unwrap(uint16_t low) const { return LinkSequence(unwrap_sequence(low, next_)); }

  // nullopt if nothing was sent under this number, or too long ago.
  std::optional<SentMessage> lookup(LinkSequence sequence) const {
    if (!holds(sequence)) return std::nullopt;
    const Entry& e = entries_[sequence.value() % entries_.size()];
    return SentMessage{
        {{TrackId(e.track), FrameNumber(e.number)}, e.index}, Instant::from_us(e.sent_us), e.size};
  }

  // Whether a NAK for this number should be answered now, and if so notes that it was. Where NAKs
  // get lost each is sent up to three times within half a round trip: what was answered less than
  // 3/4 of a round trip ago is not sent again.
  bool take_nak(LinkSequence sequence, Instant now, Duration srtt) {
    if (!holds(sequence)) return false;
    Entry& e = entries_[sequence.value() % entries_.size()];
    const int64_t age_ms = (now.us() - e.sent_us) / 1'000 + 1;  // 0 = never answered
    if (e.answer_ms != 0 && age_ms - e.answer_ms < (srtt * 3 / 4).ms()) return false;
    e.answer_ms = static_cast<uint16_t>(age_ms < kMaxAnswerMs ? age_ms : kMaxAnswerMs);
    return true;
  }

 private:
  static constexpr int64_t kMaxAnswerMs = 0xffff;
  // Packed into 16 bytes: a node has one log for every link.
  struct Entry {
    int64_t sent_us : 48;
    uint64_t answer_ms : 16;  // age at the last answer, plus one
    uint32_t number;
    uint16_t size;
    uint8_t track;
    uint8_t index;
  };
  static_assert(sizeof(Entry) == 16);
  static_assert(kMaxMessageSize <= 0xffff);

  bool holds(LinkSequence sequence) const {
    return sequence.value() < next_ && next_ - sequence.value() <= entries_.size();
  }

  std::vector<Entry> entries_;
  uint64_t next_ = 0;
};

}  // namespace swarmcast::repair
