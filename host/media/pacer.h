// Maps an input's timestamps to the moments at which its pictures leave. No clock of its own.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <optional>

namespace swarmcast::media {

// What an input's timestamps are worth.
enum class Timing {
  kDevice,   // a camera of ours: its pictures are due on arrival
  kStored,   // a file: only its timestamps count
  kStream,   // a pipe or an address: stored or live, that is to be found out
  kNominal,  // a stream without timestamps: the rate is a guess, arrivals tell more
};

// The hard part is a pipe: the same bytes may come from a stored file, as fast as we take them, or
// from a live camera, where every picture that waits is delay. Two things tell them apart. While
// the reader waits for room in our queue, the producer is ahead of real time and its timestamps set
// the pace. And when for a second it is the reader that waits, the pictures' lead (how long before
// its moment each came) either grows, so the producer is faster than real time, or it stands: then
// the producer is live, the lead is only delay (it began while we were still opening the input, or
// caught up after a stall), and the time line moves earlier by it.
//
// For a lead to stand, the queue must have room for it: while probing() it should be deep.
//
// All times are microseconds. A picture that comes too late leaves at once, and the time line
// stays; after kStall the producer has paused, and the time line moves on with it.
class Pacer {
 public:
  explicit Pacer(Timing timing) : timing_(timing), probing_(may_be_live()) {}

  // The reader has a picture of timestamp `pts`. True: the time line jumped to the live edge, and
  // what it left behind is to be dropped.
  bool on_arrival(int64_t pts, int64_t now);
  // The reader had to wait for room: the producer is ahead of real time.
  void on_blocked(int64_t now);

  // Not known yet whether the producer is ahead of real time.
  bool probing() const { return probing_; }

  // When the picture or sound of timestamp `pts` leaves; nullopt before the first arrival.
  std::optional<int64_t> due(int64_t pts) const {
    return started_ ? std::optional(base_ + pts) : std::nullopt;
  }

 private:
  struct Arrival {
    int64_t at;
    int64_t lead;
  };

  struct Leads {
    bool any = false;
    int64_t least = 0;
    int64_t usual = 0;  // least but for hiccups
  };

  static constexpr int64_t kStall = 500'000;
  static constexpr int64_t kWindow = 1'000'000;
  static constexpr int64_t kNominalWindow = 500'000;
  // Of the lead, in half a window: the producer's clock runs at most 4 % faster than ours.
  static constexpr int64_t kMaxGrowth = 20'000;
  static constexpr int64_t kNegligible = 2'000;
  // A lead that falls by more: the producer stalled.
  static constexpr int64_t kProducerStall = 100'000;
  // A greater step drops pictures, and is not repeated soon.
  static constexpr int64_t kJump = 60'000;
  static constexpr int64_t kMinJumpDistance = 3'000'000;
  // A jump goes by all but one in so many pictures: the few that come later than the rest leave
  // late, instead of delaying all others until the next jump.
  static constexpr size_t kHiccups = 8;
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::min() / 2;

  bool may_be_live() const { return timing_ == Timing::kStream || timing_ == Timing::kNominal; }
  void restart(int64_t now);
  Leads leads(int64_t from, int64_t to) const;
  bool grows_but_for_a_stall() const;
  // By how much the pictures of the window came too early; 0 if that means nothing.
  int64_t standing_lead(int64_t now);

  Timing timing_;
  bool started_ = false;
  bool probing_;
  int64_t base_ = 0;  // when timestamp 0 leaves
  int64_t window_start_ = 0;
  int64_t last_jump_ = kNever;
  std::deque<Arrival> arrivals_;  // of the window, without a wait for room since
};

}  // namespace swarmcast::media
