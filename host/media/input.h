// An opened input: demultiplexed and decoded, frame by frame.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "host/media/av_ptr.h"
#include "host/media/fd_reader.h"
#include "host/media/input_address.h"
#include "host/media/media.h"
#include "host/media/pacer.h"
#include "host/media/scaler.h"
#include "host/media/stop_signal.h"

namespace swarmcast::media {

inline constexpr char kInputStdinHint[] =
    "Pipe a video in, for example: ffmpeg -re -i clip.mp4 -f nut -c copy - | swarmcast broadcast "
    "--input -";

class Input {
 public:
  static constexpr int64_t kForever = INT64_MAX;

  struct Opened {
    std::unique_ptr<Input> input;
    std::string error;   // a sentence, if input is null
    bool later = false;  // a sender came but sent nothing of use: another may come
  };
  // Blocks until the input is recognised, `stop` is raised, or it is `until_us` (CLOCK_MONOTONIC;
  // only addresses take long). `options.input` is not empty and not "test".
  static Opened open(const CaptureOptions& options, const StopSignal& stop,
                     int64_t until_us = kForever);

  struct Picture {
    FramePtr frame;
    int64_t pts_us = 0;
  };
  struct Sound {
    FramePtr frame;
    int64_t pts_us = 0;
  };
  struct TryLater {};
  struct End {
    std::string error;  // empty: the regular end
    bool lost = false;  // a live sender has gone; it may come back
  };
  using Item = std::variant<Picture, Sound, TryLater, End>;
  // Blocks until there is something. The timestamps are the input's own.
  Item next();
  // Of a live sender: called within next(), again and again, while it has sent nothing for
  // kSilenceNotice microseconds. After some more it counts as lost.
  static constexpr int64_t kSilenceNotice = 1'500'000;
  void on_silence(std::function<void()> silent) { silent_ = std::move(silent); }

  // Name for sentences, without keys.
  const std::string& name() const { return name_; }
  bool listens() const { return address_ && address_->listens; }
  // What it consists of, in a few words.
  std::string summary() const;
  bool has_picture() const { return video_ != nullptr; }
  PictureSize size() const;  // as it is shown: turned, if the input says so
  AVRational pixel_aspect() const;
  Orientation orientation() const;  // of pictures that do not say themselves
  bool has_sound() const { return sound_ != nullptr; }
  Timing timing() const;
  // The form of the input has no timestamps (a row of JPEGs, bare H.264).
  bool clockless() const;
  // Of one picture, as the input says; 0 = unknown.
  int64_t frame_duration_us() const;

 private:
  Input(const CaptureOptions& options, const StopSignal& stop);
  std::string connect(int64_t until_us);
  int open_context();
  int open_address();
  int announced_tracks() const;
  std::string find_picture();
  int open_descriptor();
  int open_camera();
  std::string find_streams(bool want_sound);
  std::string explain(int error) const;
  std::string explain_address(int error) const;
  static int interrupted(void* self);
  std::optional<Item> receive();
  // Reads one packet into a decoder; an item if the reading itself has something to say.
  std::optional<Item> feed();

  CaptureOptions options_;
  std::string name_;  // of the input, for sentences
  const StopSignal& stop_;
  std::optional<InputAddress> address_;
  std::atomic<int64_t> patience_us_ = kForever;  // when FFmpeg's blocking calls give up
  std::function<void()> silent_;
  int64_t read_since_us_ = kForever;  // when the packet that is waited for was asked for
  bool live_device_ = false;
  std::unique_ptr<FdReader> fd_;  // outlives context_, which reads from it
  InputContextPtr context_;
  AVStream* video_stream_ = nullptr;
  AVStream* sound_stream_ = nullptr;
  CodecContextPtr video_, sound_;
  PacketPtr packet_ = new_packet();
  bool draining_ = false;
  bool any_frame_ = false;
  int bad_packets_ = 0;  // in a row
};

}  // namespace swarmcast::media
