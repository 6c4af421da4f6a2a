#include "engine/chunk/audio_playout.h"

#include <algorithm>

namespace swarmcast::chunk {

bool AudioPlayout::on_header(const FrameHeader& header, bool complete) {
  const uint32_t number = header.id.number.value();
  if (started_) cursor_ = std::max(cursor_, window_.begin_with(number));
  FrameSlot* slot = window_.note(header);
  if (slot == nullptr || !complete || slot->complete) return false;
  slot->complete = true;
  if (!started_) cursor_ = number;
  started_ = true;
  return true;
}

std::optional<Release> AudioPlayout::next(StreamTime now, Duration delay) {
  for (; started_ && cursor_ < window_.end(); ++cursor_) {
    const FrameSlot& slot = window_.at(cursor_);
    const StreamTime deadline = slot.capture + delay;
    if (now > deadline) continue;
    if (!slot.complete) return std::nullopt;
    last_present_at_ = std::max(last_present_at_, deadline);
    return Release{{kAudioTrack, FrameNumber(cursor_++)}, last_present_at_, true};
  }
  return std::nullopt;
}

StreamTime AudioPlayout::next_timeout(StreamTime now, Duration delay) const {
  // Nothing to wait for unless a packet stands behind the gap.
  if (!started_ || cursor_ + 1 >= window_.end()) return StreamTime::never();
  const StreamTime at = window_.at(cursor_).capture + delay + Duration::micros(1);
  return std::max(at, now + Duration::micros(1));
}

}  // namespace swarmcast::chunk
