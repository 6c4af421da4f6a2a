#include "host/media/card.h"

#include <algorithm>

#include "host/media/words.h"

namespace swarmcast::media {
namespace {

constexpr int kDarkening = 3;

void copy_darkened(const AVFrame& in, AVFrame& out) {
  for (int p = 0; p < 3; ++p) {
    const int width = p == 0 ? in.width : in.width / 2;
    const int height = p == 0 ? in.height : in.height / 2;
    const int zero = p == 0 ? kBlackLuma : kNoChroma;
    for (int y = 0; y < height; ++y) {
      const uint8_t* const from = in.data[p] + ptrdiff_t{y} * in.linesize[p];
      std::transform(from, from + width, out.data[p] + ptrdiff_t{y} * out.linesize[p],
                     [zero](uint8_t v) { return zero + (v - zero) / kDarkening; });
    }
  }
}

}  // namespace

FramePtr make_card(PictureSize size, std::string_view words, const AVFrame* behind) {
  FramePtr out = new_picture(size);
  if (!out) return nullptr;
  blacken(*out);
  if (behind) copy_darkened(*behind, *out);
  draw_words(words, size.width, size.height, false, [&](const Box& box, bool white) {
    for (int y = box.top; y < box.top + box.height; ++y)
      std::fill_n(out->data[0] + ptrdiff_t{y} * out->linesize[0] + box.left, box.width,
                  white ? kWhiteLuma : kBlackLuma);
  });
  return out;
}

}  // namespace swarmcast::media
