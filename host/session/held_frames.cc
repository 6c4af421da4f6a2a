#include "host/session/held_frames.h"

#include <utility>

namespace swarmcast::session {

void HeldFrames::add(const EncodedFrame& frame, Instant present_at, bool show) {
  if (frame.track == kVideoTrack && frame.key) {
    std::erase_if(held_, [this](const Held& h) {
      const bool old_picture = h.frame.track == kVideoTrack;
      if (old_picture) bytes_ -= h.payload.size();
      return old_picture;
    });
  }
  if (held_.size() == kMaxFrames || bytes_ + frame.payload.size() > kMaxBytes) {
    held_.clear();
    bytes_ = 0;
    return;
  }
  bytes_ += frame.payload.size();
  Held& h = held_.emplace_back(Held{frame, {}, present_at, show});
  h.payload.assign(frame.payload.begin(), frame.payload.end());
  h.frame.payload = {};
}

void HeldFrames::play_all(const Play& play) {
  bytes_ = 0;
  for (Held& h : std::exchange(held_, {})) {
    h.frame.payload = h.payload;
    play(h.frame, h.present_at, h.show);
  }
}

}  // namespace swarmcast::session
