// A picture encoder with three temporal layers (L1T3).
#pragma once

#include <memory>
#include <optional>

#include "host/media/media.h"
#include "host/media/picture_view.h"

namespace swarmcast::media {

// Pictures come in mini-GOPs T0 T2 T1 T2, which are the chunks of the protocol; a key frame starts
// a new one anywhere. T0 refers to the T0 before it, T1 to the T0 of its chunk, T2 to the nearest
// of these two: layers can be dropped from the top, and what is kept decodes to the same pictures.
class VideoEncoder {
 public:
  struct Options {
    int width = 640;  // even
    int height = 360;
    int fps = kDefaultFps;
    int bitrate_kbps = 800;
  };
  // Null if the encoder refuses these options, or for VideoCodec::kNone.
  static std::unique_ptr<VideoEncoder> create(VideoCodec codec, const Options& options);
  virtual ~VideoEncoder() = default;

  // Encodes on the calling thread, one picture in, one unit out, valid until the next call; nullopt
  // if the encoder can make nothing of it. `captured_us` is passed through. No unit is larger than
  // kMaxFrameSize (engine/base), nor than some 2 s of the bitrate if coarser coding helps.
  virtual std::optional<EncodedUnit> encode(const PictureView& picture, int64_t captured_us,
                                            bool force_key) = 0;
  // Without a key frame.
  virtual void set_bitrate(int kbps) = 0;
};

inline constexpr int kMiniGop = 4;
inline constexpr double kKeyInterval = 2.4;  // seconds

// Pictures between key frames: whole mini-GOPs.
constexpr int key_interval(int fps) {
  const int mini_gops = static_cast<int>(kKeyInterval * fps / kMiniGop);
  return (mini_gops > 1 ? mini_gops : 1) * kMiniGop;
}

// No unit may be larger: two seconds of the bitrate, where ordinary key frames take 0.2 s.
size_t unit_limit(int bitrate_kbps);

// What refers to what: numbers the units of an encoder and fills in their layer.
class LayerCounter {
 public:
  // The head of the next unit. `temporal_id` is 0 for a key frame.
  EncodedUnit next(bool key, uint8_t temporal_id);
  int64_t number() const { return number_; }  // of the next unit
  int64_t since_t0() const { return number_ - last_t0_; }

 private:
  int64_t number_ = 0;
  int64_t last_t0_ = 0;   // unit numbers of the latest pictures others may refer to
  int64_t last_t1_ = -1;  // in this chunk; -1 = none
};

}  // namespace swarmcast::media
