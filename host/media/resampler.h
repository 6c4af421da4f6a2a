// Cuts an input's sound into packets of 20 ms, mono, 48 kHz.
#pragma once

#include <optional>
#include <vector>

#include "host/media/av_ptr.h"
#include "host/media/opus_codec.h"

namespace swarmcast::media {

class Resampler {
 public:
  // `pts_us`: of the frame's first sample; nullopt = it follows the frame before. Frames that
  // cannot be converted are skipped.
  void push(const AVFrame& frame, std::optional<int64_t> pts_us);

  struct Packet {
    PcmPacket samples;
    int64_t pts_us = 0;
  };
  // The next whole packet.
  std::optional<Packet> pop();

 private:
  bool prepare(const AVFrame& frame);

  SwrPtr swr_;
  int rate_ = 0;
  int channels_ = 0;
  int format_ = -1;
  std::vector<int16_t> samples_;
  int64_t first_pts_us_ = 0;  // of samples_[0]
};

}  // namespace swarmcast::media
