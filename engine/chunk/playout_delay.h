// How long after its capture a frame is presented.
#pragma once

#include <optional>

#include "engine/base/limits.h"
#include "engine/base/time.h"
#include "engine/base/windowed.h"

namespace swarmcast::chunk {

// Time between a frame's release and its presentation that a decoder needs.
inline constexpr Duration kDecodeMargin = Duration::millis(10);
inline constexpr Duration kInitialPlayout = Duration::millis(100);
// What the first frame's lateness is taken to lack of the usual worst.
inline constexpr Duration kFirstAllowance = Duration::millis(80);
// A frame that exceeds the delay by this begins an outage, which ends with the first one in time.
// What completes late in an outage is not the network's usual delay, unless it lasts.
inline constexpr Duration kOutageStep = Duration::millis(200);
inline constexpr Duration kOutagePatience = Duration::millis(500);
// When nothing has become complete for this long beyond two frame intervals, what was captured
// until something does again, and for as long behind, was held up by an outage, however late it is.
inline constexpr Duration kSilence = Duration::millis(120);
static_assert(kInitialPlayout >= kMinPlayout + kDecodeMargin);

// Fixed, or automatic: the worst lateness (complete - capture) of the last 10 s plus a decode
// margin, within kMinPlayout..kMaxPlayout. Grows at once; shrinks by at most 2 % of the time that
// passes, so that pictures run at most 2 % fast.
class PlayoutDelay {
 public:
  explicit PlayoutDelay(std::optional<Duration> fixed);

  Duration current() const { return current_; }
  // A live frame (not one of the catch-up at joining) has become complete.
  void on_complete(Duration lateness, StreamTime now);
  void on_time(StreamTime now);

 private:
  Duration target() const;
  bool was_held_up(StreamTime capture, StreamTime now);

  bool fixed_;
  Duration current_;
  WindowedMax<StreamTime, Duration> lateness_;  // outside of outages
  StreamTime outage_since_ = StreamTime::never();
  Duration interval_;   // between captures
  StreamTime last_at_;  // when a frame last became complete
  StreamTime newest_;   // capture
  StreamTime held_up_until_ = StreamTime::from_us(INT64_MIN);
  StreamTime updated_;
  bool updated_once_ = false;
  bool any_complete_ = false;
};

}  // namespace swarmcast::chunk
