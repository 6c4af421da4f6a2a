// The thread that reads an input into a queue.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "host/media/frame_gate.h"
#include "host/media/input.h"
#include "host/media/media_queue.h"
#include "host/media/media_thread.h"
#include "host/media/resampler.h"

namespace swarmcast::media {

// Puts pictures of `size`, at most `options.fps` a second, and packets of sound into `queue`, on a
// time line that starts near 0 and never jumps. A live sender that goes away is waited for, and
// goes on where it was, whatever form it has then. What is waited for it says, and cards tell
// viewers.
class InputReader {
 public:
  // `input`: null if `options.input` is an address at which the first sender is still to come.
  InputReader(std::unique_ptr<Input> input, const CaptureOptions& options, PictureSize size,
              MediaQueue& queue, const StopSignal& stop);
  void start() {
    thread_ = MediaThread("media-read", [this] { run(); });
  }

 private:
  void run();
  void adopt(std::unique_ptr<Input> input);
  bool await_first();
  bool await_return();
  bool await_sender(int64_t until_us);
  void on_silence();
  void end_silence();
  // False: the queue was stopped.
  bool take(Input::Picture picture);
  bool take(Input::Sound sound);
  int64_t leading_time(int64_t pts_us, int64_t duration_us);
  int64_t time_now();
  void show_card(std::string_view words);

  const CaptureOptions options_;
  std::unique_ptr<Input> input_;
  MediaQueue& queue_;
  const StopSignal& stop_;
  const PictureSize size_;
  Scaler scaler_;
  const bool wants_pictures_;
  FrameGate gate_;
  FramePtr last_picture_;
  Resampler resampler_;
  int64_t frame_duration_us_ = 0;
  Orientation orientation_;
  std::string refused_;  // why the last sender was of no use
  bool silent_ = false;  // the sender is there, but nothing comes
  // Without timestamps the nominal rate is a guess: what counts is when pictures come.
  bool clockless_ = false;
  std::optional<int64_t> offset_us_;  // added to the input's timestamps
  // Of the track that leads, on the queue's time line.
  int64_t last_us_ = 0;
  std::optional<int64_t> next_us_;
  MediaThread thread_;  // last: joined first
};

}  // namespace swarmcast::media
