#include "host/media/scaler.h"

extern "C" {
#include <libavutil/opt.h>
}

#include <algorithm>
#include <cmath>

#include "host/media/media.h"

namespace swarmcast::media {
namespace {

// Default limits of the picture if the user asks for no size.
constexpr PictureSize kDefaultBox{640, 360};

int even(double v) {
  return std::clamp(static_cast<int>(std::lround(v / 2)) * 2, kMinSide, kMaxSide);
}

double shape(PictureSize in, AVRational pixel_aspect) {
  const double aspect = pixel_aspect.num > 0 && pixel_aspect.den > 0 ? av_q2d(pixel_aspect) : 1.0;
  return aspect * in.width / in.height;
}

PictureSize fit(double wanted_shape, PictureSize box) {
  if (wanted_shape * box.height > box.width)
    return {box.width, std::min(box.height, even(box.width / wanted_shape))};
  return {std::min(box.width, even(box.height * wanted_shape)), box.height};
}

bool full_range(const AVFrame& in) {
  return in.color_range == AVCOL_RANGE_JPEG || in.format == AV_PIX_FMT_YUVJ420P ||
         in.format == AV_PIX_FMT_YUVJ422P || in.format == AV_PIX_FMT_YUVJ444P;
}

// The YUVJ formats are deprecated names of full-range YUV, about which libswscale complains.
AVPixelFormat plain_format(int format) {
  switch (format) {
    case AV_PIX_FMT_YUVJ420P:
      return AV_PIX_FMT_YUV420P;
    case AV_PIX_FMT_YUVJ422P:
      return AV_PIX_FMT_YUV422P;
    case AV_PIX_FMT_YUVJ444P:
      return AV_PIX_FMT_YUV444P;
    default:
      return static_cast<AVPixelFormat>(format);
  }
}

}  // namespace

PictureSize choose_size(PictureSize in, AVRational pixel_aspect, PictureSize wanted) {
  const double s = shape(in, pixel_aspect);
  if (wanted.width > 0 && wanted.height > 0) return {even(wanted.width), even(wanted.height)};
  if (wanted.width > 0) return {even(wanted.width), even(wanted.width / s)};
  if (wanted.height > 0) return {even(wanted.height * s), even(wanted.height)};
  const PictureSize own{even(in.height * s), even(in.height)};
  if (own.width <= kDefaultBox.width && own.height <= kDefaultBox.height) return own;
  return fit(s, kDefaultBox);
}

bool Scaler::prepare(const AVFrame& in, PictureSize inner) {
  const PictureSize size{in.width, in.height};
  const bool full = full_range(in);
  if (sws_ && sws_in_ == size && sws_inner_ == inner && sws_format_ == in.format &&
      sws_full_range_ == full)
    return true;
  // Ranges are set before initialisation, lest it choose a plain copy.
  sws_.reset(sws_alloc_context());
  if (!sws_) return false;
  const auto set = [this](const char* name, int64_t value) {
    av_opt_set_int(sws_.get(), name, value, 0);
  };
  set("srcw", in.width);
  set("srch", in.height);
  set("src_format", plain_format(in.format));
  set("src_range", full ? 1 : 0);
  set("dstw", inner.width);
  set("dsth", inner.height);
  set("dst_format", AV_PIX_FMT_YUV420P);
  set("dst_range", 0);
  set("sws_flags", SWS_BILINEAR);
  if (sws_init_context(sws_.get(), nullptr, nullptr) < 0) {
    sws_.reset();
    return false;
  }
  sws_in_ = size;
  sws_inner_ = inner;
  sws_format_ = in.format;
  sws_full_range_ = full;
  return true;
}

FramePtr Scaler::scale(const AVFrame& in, Orientation orientation) {
  if (in.width <= 0 || in.height <= 0) return nullptr;
  const PictureSize size{in.width, in.height};
  // Scaled first and turned then: there are fewer samples to turn.
  const PictureSize canvas = orientation.transposes ? PictureSize{out_.height, out_.width} : out_;
  const bool fits = in.format == AV_PIX_FMT_YUV420P && !full_range(in) && size == canvas;
  if (fits && orientation.upright()) return FramePtr(av_frame_clone(&in));
  if (fits) return turned(in, orientation);
  const PictureSize inner = fit(shape(size, in.sample_aspect_ratio), canvas);
  FramePtr out = new_picture(canvas);
  if (!out || !prepare(in, inner)) return nullptr;
  if (inner != canvas) blacken(*out);
  const int left = (canvas.width - inner.width) / 4 * 2;
  const int top = (canvas.height - inner.height) / 4 * 2;
  uint8_t* planes[4] = {out->data[0] + ptrdiff_t{top} * out->linesize[0] + left,
                        out->data[1] + ptrdiff_t{top / 2} * out->linesize[1] + left / 2,
                        out->data[2] + ptrdiff_t{top / 2} * out->linesize[2] + left / 2, nullptr};
  sws_scale(sws_.get(), in.data, in.linesize, 0, in.height, planes, out->linesize);
  return orientation.upright() ? std::move(out) : turned(*out, orientation);
}

PictureView view_of(const AVFrame& frame) {
  PictureView view;
  for (size_t i = 0; i < 3; ++i) {
    view.plane[i] = frame.data[i];
    view.stride[i] = frame.linesize[i];
  }
  return view;
}

}  // namespace swarmcast::media
