#include "host/media/media_queue.h"

#include <algorithm>

#include "host/media/clock.h"

namespace swarmcast::media {
namespace {

// Pictures that wait for their moment; more only where sound lies far behind them in the file.
constexpr size_t kPicturesAhead = 8;
constexpr size_t kMaxPictures = 40;
// While it is not known whether a producer is live: as far as it may have been ahead of us when we
// began to read.
constexpr int64_t kProbeAhead = 3'000'000;  // microseconds
constexpr size_t kProbeBytes = 64'000'000;
constexpr size_t kSoundAhead = 10;  // packets of 20 ms
constexpr size_t kMaxSound = 250;
// After a hiccup of ours so many late pictures still leave; of more, only the latest.
constexpr size_t kMaxLatePictures = 3;
constexpr int64_t kTimingError = 2'000;  // microseconds

}  // namespace

MediaQueue::MediaQueue(Timing timing, Tracks tracks, int fps)
    : period_us_(1'000'000 / fps), tracks_(tracks), pacer_(timing) {}

template <typename HasRoom>
bool MediaQueue::wait_for_room(std::unique_lock<std::mutex>& lock, HasRoom has_room) {
  const bool waits = !has_room();
  changed_.wait(lock, [&] { return stopped_ || has_room(); });
  if (waits) pacer_.on_blocked(monotonic_us());
  return !stopped_;
}

bool MediaQueue::has_room_for_picture(const AVFrame& frame) const {
  if (pictures_.size() < kPicturesAhead) return true;
  if (pacer_.probing()) {
    const size_t bytes =
        static_cast<size_t>(frame.width) * static_cast<size_t>(frame.height) * 3 / 2;
    return pictures_.size() < static_cast<size_t>(kProbeAhead / period_us_) &&
           pictures_.size() * bytes < kProbeBytes;
  }
  return tracks_.sound && sound_.size() < kSoundAhead && pictures_.size() < kMaxPictures;
}

bool MediaQueue::push(QueuedPicture picture) {
  std::unique_lock lock(mutex_);
  if (!wait_for_room(lock, [&] { return has_room_for_picture(*picture.frame); })) return false;
  const int64_t read_us = picture.read_us;
  const bool jumped = pacer_.on_arrival(picture.pts_us, read_us);
  pictures_.push_back(std::move(picture));
  if (jumped) drop_backlog(read_us);
  changed_.notify_all();
  return true;
}

bool MediaQueue::has_room_for_sound() const {
  // Beside a picture sound never waits long: without a first picture there is no time line to wait
  // for.
  if (tracks_.picture) return sound_.size() < kMaxSound || pictures_.empty();
  return sound_.size() < (pacer_.probing() ? kMaxSound : kSoundAhead);
}

bool MediaQueue::push(const QueuedSound& sound) {
  std::unique_lock lock(mutex_);
  if (!wait_for_room(lock, [this] { return has_room_for_sound(); })) return false;
  if (sound_.size() >= kMaxSound) sound_.pop_front();
  sound_.push_back(sound);
  if (!tracks_.picture) {
    const int64_t now = monotonic_us();
    if (pacer_.on_arrival(sound.pts_us, now)) drop_backlog(now);
  }
  changed_.notify_all();
  return true;
}

// The sound of that time is skipped by whoever encodes it: it would leave before what has left.
void MediaQueue::drop_backlog(int64_t now) {
  while (pictures_.size() > 1 && *pacer_.due(pictures_[1].pts_us) <= now) pictures_.pop_front();
  while (!tracks_.picture && sound_.size() > 1 && *pacer_.due(sound_[1].pts_us) <= now)
    sound_.pop_front();
}

int64_t MediaQueue::leaves_at(int64_t pts_us, int64_t now_us) {
  std::lock_guard lock(mutex_);
  return std::max(now_us, pacer_.due(pts_us).value_or(now_us));
}

std::optional<int64_t> MediaQueue::leaves_now(int64_t now_us) {
  std::lock_guard lock(mutex_);
  const auto start_us = pacer_.due(0);
  return start_us ? std::optional(now_us - *start_us) : std::nullopt;
}

void MediaQueue::set_tracks(Tracks tracks) {
  std::lock_guard lock(mutex_);
  tracks_ = tracks;
  changed_.notify_all();
}

bool MediaQueue::is_empty() {
  std::lock_guard lock(mutex_);
  return pictures_.empty() && sound_.empty();
}

void MediaQueue::say(std::string sentence) {
  std::lock_guard lock(mutex_);
  notices_.push_back(std::move(sentence));
  changed_.notify_all();
}

void MediaQueue::finish(std::string error) {
  std::lock_guard lock(mutex_);
  finished_ = true;
  error_ = std::move(error);
  changed_.notify_all();
}

void MediaQueue::stop() {
  std::lock_guard lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

std::optional<MediaQueue::Item> MediaQueue::take_due(int64_t now) {
  if (stopped_) return Stopped{};
  if (!notices_.empty()) {
    Notice out{std::move(notices_.front())};
    notices_.pop_front();
    return out;
  }
  if (!sound_.empty()) {
    if (auto due = pacer_.due(sound_.front().pts_us); due && *due <= now) {
      Sound out{sound_.front().samples, *due};
      sound_.pop_front();
      return out;
    }
  }
  while (pictures_.size() > kMaxLatePictures &&
         pacer_.due(pictures_[kMaxLatePictures].pts_us) <= now)
    pictures_.pop_front();
  if (!pictures_.empty()) {
    QueuedPicture& front = pictures_.front();
    const int64_t due = *pacer_.due(front.pts_us);  // known once a picture is here
    if (due <= now) {
      Picture out{std::move(front.frame), std::max(due, front.read_us)};
      pictures_.pop_front();
      return out;
    }
  }
  const bool no_time_line = !pacer_.due(0);
  if (finished_ && pictures_.empty() && (sound_.empty() || no_time_line)) return End{error_};
  return std::nullopt;
}

// Only a hole of two periods is filled: smaller ones are what FrameGate leaves, or an input a
// little slower than wanted. A picture that may be on its way through the pipe gets more time, lest
// a repetition leaves just before it.
std::optional<int64_t> MediaQueue::repeat_moment(std::optional<int64_t> last_us) const {
  if (!last_us) return std::nullopt;
  if (pictures_.empty())
    return finished_ ? std::nullopt : std::optional(*last_us + period_us_ * 5 / 2);
  const int64_t hole = *pacer_.due(pictures_.front().pts_us) - *last_us;
  if (hole < period_us_ * 2 - kTimingError) return std::nullopt;
  return *last_us + period_us_;
}

int64_t MediaQueue::next_moment(std::optional<int64_t> last_us) const {
  int64_t next = repeat_moment(last_us).value_or(INT64_MAX);
  if (!pictures_.empty()) next = std::min(next, *pacer_.due(pictures_.front().pts_us));
  if (!sound_.empty()) next = std::min(next, pacer_.due(sound_.front().pts_us).value_or(next));
  return next;
}

MediaQueue::Item MediaQueue::take(std::optional<int64_t> last_us) {
  std::unique_lock lock(mutex_);
  for (;;) {
    const int64_t now = monotonic_us();
    if (auto item = take_due(now)) {
      changed_.notify_all();
      return std::move(*item);
    }
    if (auto repeat = repeat_moment(last_us); repeat && *repeat <= now) return Repeat{};
    const int64_t next = next_moment(last_us);
    if (next == INT64_MAX)
      changed_.wait(lock);
    else
      changed_.wait_until(lock, monotonic_point(next));
  }
}

}  // namespace swarmcast::media
