// Frames that come before there is a player.
#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "engine/base/frame.h"
#include "engine/base/time.h"

namespace swarmcast::session {

// Keeps sound, and pictures from the last key picture on: with them a player can begin at once.
// Bounded; of too much nothing is kept, and the player asks for a key picture.
class HeldFrames {
 public:
  using Play = std::function<void(const EncodedFrame& frame, Instant present_at, bool show)>;
  static constexpr size_t kMaxFrames = 512;
  static constexpr size_t kMaxBytes = 8 << 20;

  void add(const EncodedFrame& frame, Instant present_at, bool show);
  // Gives them in the order they came, and keeps none.
  void play_all(const Play& play);

 private:
  struct Held {
    EncodedFrame frame;  // without its payload
    std::vector<uint8_t> payload;
    Instant present_at;
    bool show;
  };
  std::deque<Held> held_;
  size_t bytes_ = 0;
};

}  // namespace swarmcast::session
