// Order of one audio track (see playout.h): every packet stands alone, gaps are skipped.
#pragma once

#include <optional>

#include "engine/chunk/frame_window.h"
#include "engine/chunk/video_playout.h"

namespace swarmcast::chunk {

// A packet is released at once if all before it are released or given up; a missing one is given
// up when its moment has passed, and one that comes later than that is dropped.
class AudioPlayout {
 public:
  // True if this completes the packet; saying so again changes nothing.
  bool on_header(const FrameHeader& header, bool complete);
  std::optional<Release> next(StreamTime now, Duration delay);
  StreamTime next_timeout(StreamTime now, Duration delay) const;

 private:
  FrameWindow window_;
  bool started_ = false;
  uint32_t cursor_ = 0;
  StreamTime last_present_at_;
};

}  // namespace swarmcast::chunk
