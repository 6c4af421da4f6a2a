// The thread that reads an input into a queue.
#pragma once

#include <memory>
#include <optional>

#include "host/media/frame_gate.h"
#include "host/media/input.h"
#include "host/media/media_queue.h"
#include "host/media/media_thread.h"
#include "host/media/resampler.h"

namespace swarmcast::media {

// Puts pictures of `size`, at most `fps` a second, and packets of sound into `queue`, on a time
// line that starts near 0 and never jumps.
class InputReader {
 public:
  InputReader(std::unique_ptr<Input> input, PictureSize size, int fps, MediaQueue& queue);
  void start() {
    thread_ = MediaThread("media-read", [this] { run(); });
  }

 private:
  void run();
  // False: the queue was stopped.
  bool take(Input::Picture picture);
  bool take(Input::Sound sound);
  int64_t picture_time(int64_t pts_us);

  std::unique_ptr<Input> input_;
  MediaQueue& queue_;
  Scaler scaler_;
  FrameGate gate_;
  Resampler resampler_;
  int64_t frame_duration_us_;
  // Without timestamps the nominal rate is a guess: what counts is when pictures come.
  bool clockless_;
  std::optional<int64_t> offset_us_;  // added to the input's timestamps
  int64_t last_us_ = 0;               // of the picture before
  bool any_picture_ = false;
  MediaThread thread_;  // last: joined first
};

}  // namespace swarmcast::media
