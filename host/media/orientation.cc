#include "host/media/orientation.h"

#include <cstdlib>

#include "host/media/yuv_picture.h"

namespace swarmcast::media {
namespace {

struct Plane {
  uint8_t* data;
  ptrdiff_t stride;
  int width, height;
};

Plane plane_of(const AVFrame& frame, int index) {
  const int divisor = index == 0 ? 1 : 2;
  return {frame.data[index], frame.linesize[index], frame.width / divisor, frame.height / divisor};
}

void turn(const Plane& in, const Plane& out, Orientation o) {
  // Steps through the input as the output goes right and down.
  ptrdiff_t right = 1, down = in.stride;
  if (o.transposes) std::swap(right, down);
  const uint8_t* start = in.data;
  if (o.mirrors_x) {
    start += right * (out.width - 1);
    right = -right;
  }
  if (o.mirrors_y) {
    start += down * (out.height - 1);
    down = -down;
  }
  for (int y = 0; y < out.height; ++y) {
    const uint8_t* from = start + down * y;
    uint8_t* to = out.data + out.stride * y;
    for (int x = 0; x < out.width; ++x, from += right) to[x] = *from;
  }
}

}  // namespace

// x' = a x + c y, y' = b x + d y.
Orientation Orientation::of_matrix(const int32_t matrix[9]) {
  const int64_t a = matrix[0], b = matrix[1], c = matrix[3], d = matrix[4];
  if (std::llabs(b) > std::llabs(a)) return {true, c < 0, b < 0};
  return {false, a < 0, d < 0};
}

Orientation Orientation::of_frame(const AVFrame& frame, Orientation usual) {
  const AVFrameSideData* side = av_frame_get_side_data(&frame, AV_FRAME_DATA_DISPLAYMATRIX);
  if (!side || side->size < 9 * sizeof(int32_t)) return usual;
  return of_matrix(reinterpret_cast<const int32_t*>(side->data));
}

Orientation Orientation::of_stream(const AVStream& stream) {
  size_t size = 0;
  const uint8_t* side = av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
  if (!side || size < 9 * sizeof(int32_t)) return {};
  return of_matrix(reinterpret_cast<const int32_t*>(side));
}

FramePtr turned(const AVFrame& in, Orientation orientation) {
  FramePtr out = new_picture(orientation.transposes ? PictureSize{in.height, in.width}
                                                    : PictureSize{in.width, in.height});
  if (!out) return nullptr;
  for (int p = 0; p < 3; ++p) turn(plane_of(in, p), plane_of(*out, p), orientation);
  return out;
}

}  // namespace swarmcast::media
