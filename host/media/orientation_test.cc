#include "host/media/orientation.h"

#include <gtest/gtest.h>

extern "C" {
#include <libavutil/display.h>
}

#include <vector>

#include "host/media/scaler.h"

namespace swarmcast::media {
namespace {

// 4x2: the luma of (x, y) is 10 y + x.
FramePtr numbered() {
  FramePtr frame = new_picture({4, 2});
  for (int y = 0; y < 2; ++y)
    for (int x = 0; x < 4; ++x) frame->data[0][y * frame->linesize[0] + x] = 10 * y + x;
  for (int p : {1, 2})
    for (int x = 0; x < 2; ++x) frame->data[p][x] = 100 * p + x;
  return frame;
}

std::vector<int> plane(const AVFrame& frame, int p) {
  std::vector<int> out;
  const int divisor = p ? 2 : 1;
  for (int y = 0; y < frame.height / divisor; ++y)
    for (int x = 0; x < frame.width / divisor; ++x)
      out.push_back(frame.data[p][y * frame.linesize[p] + x]);
  return out;
}

Orientation rotated(double degrees) {
  int32_t matrix[9];
  av_display_rotation_set(matrix, degrees);
  return Orientation::of_matrix(matrix);
}

TEST(OrientationTest, TurnsAQuarter) {
  // As a phone held upright stores it: show it turned clockwise.
  int32_t clockwise[9] = {0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30};
  const Orientation o = Orientation::of_matrix(clockwise);
  EXPECT_TRUE(o.transposes);
  const FramePtr out = turned(*numbered(), o);
  EXPECT_EQ(out->width, 2);
  EXPECT_EQ(out->height, 4);
  EXPECT_EQ(plane(*out, 0), (std::vector<int>{10, 0, 11, 1, 12, 2, 13, 3}));
  EXPECT_EQ(plane(*out, 1), (std::vector<int>{100, 101}));
}

TEST(OrientationTest, TurnsHalfAndMirrors) {
  EXPECT_TRUE(rotated(0).upright());
  const Orientation half = rotated(180);
  EXPECT_EQ(plane(*turned(*numbered(), half), 0), (std::vector<int>{13, 12, 11, 10, 3, 2, 1, 0}));
  int32_t mirrored[9] = {-(1 << 16), 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30};
  EXPECT_EQ(plane(*turned(*numbered(), Orientation::of_matrix(mirrored)), 0),
            (std::vector<int>{3, 2, 1, 0, 13, 12, 11, 10}));
}

TEST(OrientationTest, ATurnedPictureKeepsItsShape) {
  // Stored wide, shown high, into a wide stream: bars left and right.
  const FramePtr frame = new_picture({320, 180});
  for (int y = 0; y < 180; ++y) memset(frame->data[0] + y * frame->linesize[0], 200, 320);
  Scaler scaler({320, 180});
  const FramePtr out = scaler.scale(*frame, {.transposes = true, .mirrors_x = true});
  ASSERT_TRUE(out);
  EXPECT_EQ(out->width, 320);
  EXPECT_EQ(out->height, 180);
  EXPECT_EQ(out->data[0][90 * out->linesize[0] + 2], 16);
  EXPECT_NEAR(out->data[0][90 * out->linesize[0] + 160], 200, 2);
}

}  // namespace
}  // namespace swarmcast::media
