#include "host/media/video_encoder.h"

#include <algorithm>

#include "engine/base/limits.h"
#include "host/media/av1_encoder.h"
#include "host/media/h264_encoder.h"
#include "host/media/vp9_encoder.h"

namespace swarmcast::media {

std::unique_ptr<VideoEncoder> VideoEncoder::create(VideoCodec codec, const Options& options) {
  switch (codec) {
    case VideoCodec::kH264:
      return H264Encoder::create(options);
    case VideoCodec::kVp9:
      return Vp9Encoder::create(options);
    case VideoCodec::kAv1:
      return Av1Encoder::create(options);
    case VideoCodec::kVp8:  // only browsers send it
    case VideoCodec::kNone:
      break;
  }
  return nullptr;
}

size_t unit_limit(int bitrate_kbps) {
  const auto generous = static_cast<size_t>(bitrate_kbps) * 250;
  return std::clamp<size_t>(generous, kMaxFrameSize / 4, kMaxFrameSize);
}

// T0 refers to the T0 before it, T1 to the T0 of its chunk, T2 to the nearest of these two.
EncodedUnit LayerCounter::next(bool key, uint8_t temporal_id) {
  EncodedUnit unit;
  unit.key = key;
  unit.temporal_id = temporal_id;
  if (!key) {
    const int64_t reference = temporal_id == 2 ? std::max(last_t0_, last_t1_) : last_t0_;
    unit.depends_on = static_cast<uint8_t>(number_ - reference);
  }
  if (temporal_id == 0) {
    last_t0_ = number_;
    last_t1_ = -1;
  } else if (temporal_id == 1) {
    last_t1_ = number_;
  }
  unit.index_in_chunk = static_cast<uint8_t>(number_ - last_t0_);
  ++number_;
  return unit;
}

}  // namespace swarmcast::media
