// Order, gating and accounting of one video track (see playout.h).
#pragma once

#include <optional>

#include "engine/base/frame_counts.h"
#include "engine/chunk/frame_window.h"

namespace swarmcast::chunk {

// How long past its deadline a base-layer frame may still be hoped for before a key is wanted.
inline constexpr Duration kKeyPatience = Duration::millis(100);
// How long a newcomer waits for the key of its catch-up before it asks for a new one.
inline constexpr Duration kFirstKeyPatience = Duration::millis(500);

struct Release {
  FrameId frame;
  StreamTime present_at;  // never before the previous one's of the same track
  bool show = true;       // false: decode for reference only, its moment has passed
  bool late = false;      // released after its deadline
  bool operator==(const Release&) const = default;
};

// All calls take the current stream time and playout delay. `now` never goes back.
class VideoPlayout {
 public:
  // An incomplete frame is not waited for once `ring_span` has passed since its capture.
  explicit VideoPlayout(Duration ring_span) : ring_span_(ring_span) {}

  // True if this completes the frame; saying so again changes nothing.
  bool on_header(const FrameHeader& header, bool complete, StreamTime now, Duration delay);
  // Accounts for what has become due.
  void on_time(StreamTime now, Duration delay);
  std::optional<Release> next(StreamTime now, Duration delay);
  StreamTime next_timeout(StreamTime now, Duration delay) const;

  void on_decoder_lost();
  bool wants_key(StreamTime now, Duration delay) const;
  const FrameCounts& counts() const { return counts_; }

 private:
  using Outcome = FrameSlot::Outcome;

  void make_room(uint32_t number);
  void account_missed(uint32_t number);
  void set_outcome(FrameSlot& slot, Outcome outcome);
  uint64_t& tally(Outcome outcome);
  bool is_counted(uint32_t number, StreamTime deadline) const;

  bool start();
  Release release(uint32_t number, StreamTime now, Duration delay);
  bool give_up(uint32_t number, StreamTime now, Duration delay);
  bool is_decodable(uint32_t number) const;
  bool later_decodable(uint32_t number) const;
  bool newer_is_due(uint32_t number, StreamTime now, Duration delay);
  bool base_is_blocked(StreamTime now, Duration delay) const;
  bool key_in_sight(StreamTime now, Duration delay) const;

  Duration ring_span_;
  FrameWindow window_;
  FrameCounts counts_;
  bool started_ = false;
  uint32_t cursor_ = 0;           // first frame neither released nor given up
  uint32_t due_ = 0;              // first frame whose deadline has not been seen to pass
  uint32_t reference_floor_ = 0;  // the decoder has nothing older
  bool base_broken_ = false;      // a base-layer frame's reference is lost
  bool shown_ = false;
  uint32_t first_shown_ = 0;
  StreamTime counting_since_;
  StreamTime first_seen_at_;
  StreamTime last_present_at_ = StreamTime::from_us(0);
};

}  // namespace swarmcast::chunk
