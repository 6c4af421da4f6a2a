#include "host/media/input_reader.h"

#include <chrono>
#include <thread>

#include "host/media/clock.h"

namespace swarmcast::media {
namespace {

// A step of the timestamps beyond this is a cut in the input, not a pause.
constexpr int64_t kMaxStep = 10'000'000;
constexpr int64_t kUnknownRatePeriod = 40'000;  // 25 pictures a second
constexpr auto kDevicePoll = std::chrono::milliseconds(2);

}  // namespace

InputReader::InputReader(std::unique_ptr<Input> input, PictureSize size, int fps, MediaQueue& queue)
    : input_(std::move(input)),
      queue_(queue),
      scaler_(size),
      gate_(fps),
      frame_duration_us_(input_->frame_duration_us()),
      clockless_(input_->clockless()) {
  if (frame_duration_us_ <= 0) frame_duration_us_ = kUnknownRatePeriod;
}

void InputReader::run() {
  for (;;) {
    Input::Item item = input_->next();
    if (auto* end = std::get_if<Input::End>(&item)) return queue_.finish(std::move(end->error));
    bool open = true;
    if (auto* picture = std::get_if<Input::Picture>(&item))
      open = take(std::move(*picture));
    else if (auto* sound = std::get_if<Input::Sound>(&item))
      open = take(std::move(*sound));
    else
      std::this_thread::sleep_for(kDevicePoll);  // the camera has no picture yet
    if (!open) return;
  }
}

// Joins the parts of an input whose timestamps jump, and numbers pictures that have none.
int64_t InputReader::picture_time(int64_t pts_us) {
  const int64_t next_us = any_picture_ ? last_us_ + frame_duration_us_ : 0;
  if (pts_us == AV_NOPTS_VALUE) return next_us;
  if (!offset_us_) offset_us_ = next_us - pts_us;
  const int64_t step_us = pts_us + *offset_us_ - last_us_;
  if (any_picture_ && (step_us < 0 || step_us > kMaxStep)) offset_us_ = next_us - pts_us;
  return pts_us + *offset_us_;
}

bool InputReader::take(Input::Picture picture) {
  const int64_t read_us = monotonic_us();
  const int64_t time_us = picture_time(picture.pts_us);
  last_us_ = time_us;
  any_picture_ = true;
  if (!gate_.admits(clockless_ ? queue_.leaves_at(time_us, read_us) : time_us)) return true;
  FramePtr scaled = scaler_.scale(*picture.frame);
  if (!scaled) return true;
  return queue_.push(QueuedPicture{std::move(scaled), time_us, read_us});
}

bool InputReader::take(Input::Sound sound) {
  std::optional<int64_t> time_us;
  if (sound.pts_us != AV_NOPTS_VALUE) {
    if (!offset_us_) offset_us_ = -sound.pts_us;
    time_us = sound.pts_us + *offset_us_;
  }
  resampler_.push(*sound.frame, time_us);
  while (auto packet = resampler_.pop())
    if (!queue_.push(QueuedSound{packet->samples, packet->pts_us})) return false;
  return true;
}

}  // namespace swarmcast::media
