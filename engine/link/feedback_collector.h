// The receiver's half of a link's measurement: numbers, losses, and when to report them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/wire/feedback.h"

namespace swarmcast::link {

inline constexpr Duration kFeedbackInterval = Duration::millis(50);
// Sooner when this many messages have come.
inline constexpr Duration kMinFeedbackInterval = Duration::millis(25);
inline constexpr uint32_t kFeedbackBatch = 16;

// One for a link. Only media messages of proven fragments belong here; the numbers of any others
// are the neighbour's claim.
class FeedbackCollector {
 public:
  struct Received {
    LinkSequence sequence;   // unwrapped
    bool duplicate = false;  // seen before, or too old to tell
  };
  Received on_media(uint16_t sequence, Instant now);

  bool is_due(Instant now) const { return now >= next_timeout(); }
  // When a report is due; never() if there is nothing new to report.
  Instant next_timeout() const;
  // The report, at any time after the first message.
  wire::Feedback take(Instant now);

  // Share of the neighbour's messages of about the last two seconds that did not reach us; 0 if
  // there were none.
  double loss(Instant now) const;

 private:
  static constexpr uint64_t kWindow = 1'024;  // how late a message may come and still be counted

  // What had come a second ago, about, and two seconds ago.
  struct Mark {
    Instant at;
    uint64_t expected = 0;
    uint64_t received = 0;
  };

  uint64_t& word_of(uint64_t sequence) { return seen_[sequence % kWindow / 64]; }
  static uint64_t bit_of(uint64_t sequence) { return uint64_t{1} << sequence % 64; }
  void move_marks(Instant now);

  uint64_t end_ = 0;  // the highest number received + 1; a link's numbers start at 0
  Instant highest_at_;
  uint64_t received_ = 0;
  uint32_t unreported_ = 0;
  Instant unreported_since_;
  Instant reported_at_ = Instant::from_us(0);
  std::array<uint64_t, kWindow / 64> seen_{};
  std::array<Mark, 2> marks_{};
};

}  // namespace swarmcast::link
