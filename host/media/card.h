// A still picture that says why there is no other.
#pragma once

#include <string_view>

#include "host/media/av_ptr.h"
#include "host/media/scaler.h"

namespace swarmcast::media {

// `words` (capitals and spaces) on a darkened copy of `behind` (yuv420p of `size`), or on black if
// that is null. Null without memory.
FramePtr make_card(PictureSize size, std::string_view words, const AVFrame* behind);

}  // namespace swarmcast::media
