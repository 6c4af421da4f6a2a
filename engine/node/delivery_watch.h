// Whether a parent sends what it should in one stripe. That it speaks says nothing: it may keep the
// media back, or may have none itself.
#pragma once

#include <algorithm>

#include "engine/base/limits.h"
#include "engine/base/time.h"

namespace swarmcast::node {

class DeliveryWatch {
 public:
  // Without anything new for so long, and a hop's more for each hop: who is nearer to the trouble
  // acts first.
  static constexpr Duration kPatience = Duration::millis(500);
  static constexpr Duration kPatiencePerHop = Duration::millis(100);
  // Between two complaints, doubled each time: where nobody has anything, changing parents does not
  // help. Forgotten after a while without any.
  static constexpr Duration kPause = Duration::seconds(2);
  static constexpr Duration kMaxPause = Duration::seconds(16);
  static constexpr Duration kForgetPause = Duration::seconds(30);
  // Of the pictures captured within this time none is complete, or more than half of so many lack
  // pieces of this stripe.
  static constexpr Duration kJudged = Duration::seconds(1);
  static constexpr unsigned kLeastFrames = 8;
  static constexpr double kLeastDelivered = 0.9;

  static Duration patience(uint8_t depth, Duration frame_interval) {
    return kPatience + kPatiencePerHop * depth + frame_interval * 2;
  }

  // Another parent; never() if there is none.
  void begin(Instant now) { since_ = heard_ = now; }
  // Something came that was not there.
  void on_fragment(Instant now) { heard_ = std::max(heard_, now); }

  Instant since() const { return since_; }
  bool is_dry(Instant now, Duration patience) const { return heard_ + patience <= now; }

  // What came of the pictures that are to be judged, in pieces of this stripe.
  struct Tally {
    bool whole = false;     // the parent is ours since before the first of them
    bool sound = false;     // some of it came, so there may have been no pictures at all
    unsigned frames = 0;    // pictures of which something came
    unsigned complete = 0;  // of them
    unsigned lacking = 0;   // of them, lack pieces of this stripe
    unsigned pieces = 0;    // of them all
    unsigned missing = 0;
    bool is_poor() const {
      const bool nothing = whole && complete == 0 && (frames > 0 || !sound);
      const bool little = frames >= kLeastFrames && lacking * 2 > frames;
      return (nothing || little) && missing >= (1 - kLeastDelivered) * pieces;
    }
  };

  // True if it is time to complain again.
  bool complain(Instant now) {
    if (now < next_) return false;
    pause_ = now > next_ + kForgetPause ? kPause : std::min(pause_ * 2, kMaxPause);
    next_ = now + pause_;
    return true;
  }

 private:
  Instant since_ = Instant::never();
  Instant heard_ = Instant::never();
  Instant next_ = Instant::from_us(0);
  Duration pause_ = kPause;
};

}  // namespace swarmcast::node
