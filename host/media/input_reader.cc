#include "host/media/input_reader.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "host/media/card.h"
#include "host/media/clock.h"

namespace swarmcast::media {
namespace {

// A step of the timestamps beyond this is a cut in the input, not a pause.
constexpr int64_t kMaxStep = 10'000'000;
constexpr int64_t kUnknownRatePeriod = 40'000;  // 25 pictures a second
constexpr int kRetryMs = 500;                   // between attempts to find a sender
constexpr auto kDevicePoll = std::chrono::milliseconds(2);

// What viewers see while there is no picture.
constexpr char kFirstCard[] = "WAITING FOR THE FIRST PICTURE";
constexpr char kReturnCard[] = "WAITING FOR THE SENDER";
constexpr char kSoundCard[] = "SOUND ONLY";

}  // namespace

InputReader::InputReader(std::unique_ptr<Input> input, const CaptureOptions& options,
                         PictureSize size, MediaQueue& queue, const StopSignal& stop)
    : options_(options),
      queue_(queue),
      stop_(stop),
      size_(size),
      scaler_(size),
      wants_pictures_(size.width > 0),
      gate_(options.fps) {
  if (input) adopt(std::move(input));
}

void InputReader::adopt(std::unique_ptr<Input> input) {
  input_ = std::move(input);
  clockless_ = input_->clockless();
  orientation_ = input_->orientation();
  frame_duration_us_ = input_->frame_duration_us();
  if (frame_duration_us_ <= 0) frame_duration_us_ = kUnknownRatePeriod;
  offset_us_.reset();
  silent_ = false;
  input_->on_silence([this] { on_silence(); });
  queue_.set_tracks({input_->has_picture(), input_->has_sound()});
  if (next_us_) next_us_ = time_now();
}

// Of the queue's time line, behind what was pushed. A sender may have been ahead of its time.
int64_t InputReader::time_now() {
  return next_us_ ? std::max(*next_us_, queue_.leaves_now(monotonic_us()).value_or(0)) : 0;
}

// The picture that viewers see until the next one.
void InputReader::show_card(std::string_view words) {
  if (!wants_pictures_) return;
  FramePtr card = make_card(size_, words, last_picture_.get());
  if (!card) return;
  last_us_ = time_now();
  next_us_ = last_us_ + kUnknownRatePeriod;
  queue_.push(QueuedPicture{std::move(card), last_us_, monotonic_us()});
}

void InputReader::run() {
  if (!input_ && !await_first()) return queue_.finish(refused_);
  for (;;) {
    Input::Item item = input_->next();
    if (auto* end = std::get_if<Input::End>(&item)) {
      if (!end->lost) return queue_.finish(std::move(end->error));
      if (await_return()) continue;
      return queue_.finish({});
    }
    if (silent_) end_silence();
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

// The sender may be dead, or its network: libsrt, for one, takes 5 s to find out, and FFmpeg cannot
// tell it otherwise. Until then it may go on. One that sends ahead in bursts is not silent as long
// as there is something to show.
void InputReader::on_silence() {
  if (silent_ || !queue_.is_empty()) return;
  silent_ = true;
  queue_.say("Nothing comes from the sender at " + input_->name() +
             " just now. Viewers see that it is waited for.");
  show_card(kReturnCard);
}

void InputReader::end_silence() {
  silent_ = false;
  queue_.say("The sender at " + input_->name() + " goes on.");
  if (!input_->has_picture()) show_card(kSoundCard);
}

// As long as it takes. False: stopped, or `refused_` says why nobody can come.
bool InputReader::await_first() {
  const auto address = parse_input_address(options_.input);
  queue_.say("Waiting for a sender at " + address->shown + ". " + how_to_push(*address));
  show_card(kFirstCard);
  return await_sender(Input::kForever);
}

// False: it has not come back in time.
bool InputReader::await_return() {
  const std::string name = input_->name();
  const bool listens = input_->listens();
  input_.reset();  // it may hold the port that the next one needs
  const int seconds =
      options_.return_seconds.value_or(listens ? kListenReturnSeconds : kDefaultReturnSeconds);
  if (seconds == 0) return false;
  queue_.say("The sender at " + name + " has gone. Waiting " + std::to_string(seconds) +
             " s for its return, then the broadcast ends.");
  show_card(kReturnCard);
  return await_sender(monotonic_us() + int64_t{seconds} * 1'000'000);
}

bool InputReader::await_sender(int64_t until_us) {
  while (!stop_.raised() && monotonic_us() < until_us) {
    Input::Opened opened = Input::open(options_, stop_, until_us);
    if (opened.input) {
      adopt(std::move(opened.input));
      queue_.say("A sender is there: " + input_->summary() + ".");
      if (!input_->has_picture()) show_card(kSoundCard);
      return true;
    }
    const bool news = std::exchange(refused_, opened.error) != opened.error;
    if (!opened.later && until_us == Input::kForever) return false;
    if (opened.later && news && monotonic_us() < until_us)
      queue_.say(opened.error + " Still waiting for a sender.");
    if (!stop_.sleep_ms(kRetryMs)) break;
  }
  return false;
}

// Joins the parts of an input whose timestamps jump, and numbers frames that have none. For the
// track that leads: pictures, or sound if there are none.
int64_t InputReader::leading_time(int64_t pts_us, int64_t duration_us) {
  const int64_t next_us = next_us_.value_or(0);
  int64_t time_us = next_us;
  if (pts_us != AV_NOPTS_VALUE) {
    if (!offset_us_) offset_us_ = next_us - pts_us;
    const int64_t step_us = pts_us + *offset_us_ - last_us_;
    if (next_us_ && (step_us < 0 || step_us > kMaxStep)) offset_us_ = next_us - pts_us;
    time_us = pts_us + *offset_us_;
  }
  last_us_ = time_us;
  next_us_ = time_us + duration_us;
  return time_us;
}

bool InputReader::take(Input::Picture picture) {
  const int64_t read_us = monotonic_us();
  const int64_t time_us = leading_time(picture.pts_us, frame_duration_us_);
  if (!wants_pictures_) return true;
  if (!gate_.admits(clockless_ ? queue_.leaves_at(time_us, read_us) : time_us)) return true;
  FramePtr scaled =
      scaler_.scale(*picture.frame, Orientation::of_frame(*picture.frame, orientation_));
  if (!scaled) return true;
  last_picture_.reset(av_frame_clone(scaled.get()));
  return queue_.push(QueuedPicture{std::move(scaled), time_us, read_us});
}

bool InputReader::take(Input::Sound sound) {
  std::optional<int64_t> time_us;
  if (!input_->has_picture()) {
    const int64_t rate = std::max(sound.frame->sample_rate, 1);
    time_us = leading_time(sound.pts_us, sound.frame->nb_samples * int64_t{1'000'000} / rate);
  } else if (sound.pts_us != AV_NOPTS_VALUE) {
    if (!offset_us_) offset_us_ = next_us_.value_or(0) - sound.pts_us;
    time_us = sound.pts_us + *offset_us_;
  }
  resampler_.push(*sound.frame, time_us);
  while (auto packet = resampler_.pop())
    if (!queue_.push(QueuedSound{packet->samples, packet->pts_us})) return false;
  return true;
}

}  // namespace swarmcast::media
