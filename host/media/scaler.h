// Brings pictures of any size and format into the size and format the encoder takes.
#pragma once

#include "host/media/av_ptr.h"
#include "host/media/orientation.h"
#include "host/media/picture_view.h"
#include "host/media/yuv_picture.h"

namespace swarmcast::media {

// The output size for an input of `in` with pixels of shape `pixel_aspect` (0/1 = square):
// CaptureOptions' rules for width and height. Even, at least kMinSide, at most kMaxSide.
PictureSize choose_size(PictureSize in, AVRational pixel_aspect, PictureSize wanted);

class Scaler {
 public:
  explicit Scaler(PictureSize out) : out_(out) {}

  // yuv420p, limited range, of the output size, turned as `orientation` says; the shape is kept and
  // black bars fill the rest. Shares `in`'s memory if it already fits. Null if the input cannot be
  // converted.
  FramePtr scale(const AVFrame& in, Orientation orientation = {});

 private:
  bool prepare(const AVFrame& in, PictureSize inner);

  PictureSize out_;
  SwsPtr sws_;
  PictureSize sws_in_, sws_inner_;
  int sws_format_ = AV_PIX_FMT_NONE;
  bool sws_full_range_ = false;
};

PictureView view_of(const AVFrame& frame);

}  // namespace swarmcast::media
