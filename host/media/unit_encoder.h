// Both encoders with their sink: pictures and sound in, units out.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "host/media/media.h"
#include "host/media/opus_codec.h"
#include "host/media/video_encoder.h"

namespace swarmcast::media {

// Used on one thread, except request_key_frame() and set_target().
class UnitEncoder {
 public:
  UnitEncoder(CaptureSink& sink, int bitrate_kbps) : sink_(sink), bitrate_kbps_(bitrate_kbps) {}

  // False if an encoder refuses the format.
  bool open(const StreamFormat& format);
  void picture(const PictureView& picture, int64_t captured_us);
  void sound(const PcmPacket& samples, int64_t captured_us);

  void request_key_frame() { key_wanted_ = true; }
  void set_target(int kbps, bool sound_only);

 private:
  CaptureSink& sink_;
  std::unique_ptr<VideoEncoder> video_;
  std::unique_ptr<SoundEncoder> audio_;
  std::atomic<bool> key_wanted_ = false;
  std::atomic<bool> sound_only_ = false;
  bool paused_ = false;  // the last picture was left out
  std::atomic<int> bitrate_kbps_;
  int applied_kbps_ = 0;
  int64_t last_key_us_ = 0;
  std::optional<int64_t> last_picture_us_, last_sound_us_;
};

}  // namespace swarmcast::media
