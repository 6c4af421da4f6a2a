// Between the thread that reads an input and the thread that encodes it.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <variant>

#include "host/media/av_ptr.h"
#include "host/media/opus_codec.h"
#include "host/media/pacer.h"

namespace swarmcast::media {

struct QueuedPicture {
  FramePtr frame;
  int64_t pts_us = 0;   // since the first picture
  int64_t read_us = 0;  // monotonic
};

struct QueuedSound {
  PcmPacket samples;
  int64_t pts_us = 0;
};

// Bounded; the reader waits while pictures wait for their moment.
class MediaQueue {
 public:
  struct Tracks {
    bool picture = true;
    bool sound = false;
  };
  MediaQueue(Timing timing, Tracks tracks, int fps);

  // Reader's side. Both wait for room; false: stopped.
  bool push(QueuedPicture picture);
  bool push(const QueuedSound& sound);
  // When a picture of this timestamp, here now, will leave.
  int64_t leaves_at(int64_t pts_us, int64_t now_us);
  // The timestamp that leaves now; nullopt before the first arrival.
  std::optional<int64_t> leaves_now(int64_t now_us);
  // What comes from now on; a sender may come back in another form.
  void set_tracks(Tracks tracks);
  // All that was pushed has left.
  bool is_empty();
  // A sentence for whoever takes, soon.
  void say(std::string sentence);
  // Nothing more comes. `error`: empty at a regular end.
  void finish(std::string error);

  // Encoder's side.
  struct Picture {
    FramePtr frame;
    int64_t captured_us = 0;
  };
  struct Sound {
    PcmPacket samples;
    int64_t captured_us = 0;
  };
  struct Repeat {};  // the input is slower than wanted: show the last picture again
  struct Notice {
    std::string sentence;
  };
  struct End {
    std::string error;
  };
  struct Stopped {};
  using Item = std::variant<Picture, Sound, Repeat, Notice, End, Stopped>;
  // Waits until something is due. `last_us`: when the last picture left; nullopt before the first.
  Item take(std::optional<int64_t> last_us);

  void stop();

 private:
  bool has_room_for_picture(const AVFrame& frame) const;
  bool has_room_for_sound() const;
  void drop_backlog(int64_t now);
  template <typename HasRoom>
  bool wait_for_room(std::unique_lock<std::mutex>& lock, HasRoom has_room);
  std::optional<Item> take_due(int64_t now);
  int64_t next_moment(std::optional<int64_t> last_us) const;
  std::optional<int64_t> repeat_moment(std::optional<int64_t> last_us) const;

  const int64_t period_us_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Tracks tracks_;
  Pacer pacer_;
  std::deque<QueuedPicture> pictures_;
  std::deque<QueuedSound> sound_;
  bool finished_ = false;
  bool stopped_ = false;
  std::string error_;
  std::deque<std::string> notices_;
};

}  // namespace swarmcast::media
