#include "host/media/yuv_picture.h"

#include <algorithm>

namespace swarmcast::media {

FramePtr new_picture(PictureSize size) {
  FramePtr out = new_frame();
  if (!out) return nullptr;
  out->format = AV_PIX_FMT_YUV420P;
  out->width = size.width;
  out->height = size.height;
  return av_frame_get_buffer(out.get(), 0) < 0 ? nullptr : std::move(out);
}

void blacken(AVFrame& picture) {
  for (int y = 0; y < picture.height; ++y)
    std::fill_n(picture.data[0] + ptrdiff_t{y} * picture.linesize[0], picture.width, kBlackLuma);
  for (int p : {1, 2})
    for (int y = 0; y < picture.height / 2; ++y)
      std::fill_n(picture.data[p] + ptrdiff_t{y} * picture.linesize[p], picture.width / 2,
                  kNoChroma);
}

}  // namespace swarmcast::media
