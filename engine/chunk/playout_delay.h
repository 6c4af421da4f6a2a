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
// Frames that complete later than this are taken for an outage, not for the network's usual
// delay, unless one in ten does.
inline constexpr Duration kOutageLateness = Duration::millis(800);
static_assert(kInitialPlayout >= kMinPlayout + kDecodeMargin);
static_assert(kOutageLateness + kDecodeMargin < kMaxPlayout);

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

  bool fixed_;
  Duration current_;
  WindowedMax<StreamTime, Duration> usual_;  // lateness up to kOutageLateness
  WindowedMax<StreamTime, Duration> all_;
  double late_share_ = 0;  // of frames beyond kOutageLateness, smoothed
  StreamTime updated_;
  bool updated_once_ = false;
};

}  // namespace swarmcast::chunk
