// Which way up a picture is: phones store what the sensor saw, and how to turn it beside it.
#pragma once

#include "host/media/av_ptr.h"

namespace swarmcast::media {

// What to do with a stored picture to show it: transpose (x becomes y), then mirror.
struct Orientation {
  bool transposes = false;
  bool mirrors_x = false;
  bool mirrors_y = false;

  bool upright() const { return !transposes && !mirrors_x && !mirrors_y; }
  bool operator==(const Orientation&) const = default;

  // Of a display matrix (libavutil/display.h), to the nearest quarter turn.
  static Orientation of_matrix(const int32_t matrix[9]);
  // What a frame says; else `usual`.
  static Orientation of_frame(const AVFrame& frame, Orientation usual);
  static Orientation of_stream(const AVStream& stream);
};

// A turned copy of a yuv420p picture; null without memory.
FramePtr turned(const AVFrame& in, Orientation orientation);

}  // namespace swarmcast::media
