// Pictures in memory, in the format that is encoded and shown: YUV 4:2:0, 8 bits, limited range.
#pragma once

#include "host/media/av_ptr.h"

namespace swarmcast::media {

inline constexpr uint8_t kBlackLuma = 16, kWhiteLuma = 235, kNoChroma = 128;

struct PictureSize {
  int width = 0;
  int height = 0;
  bool operator==(const PictureSize&) const = default;
};

// Of any content; null without memory.
FramePtr new_picture(PictureSize size);
void blacken(AVFrame& picture);

}  // namespace swarmcast::media
