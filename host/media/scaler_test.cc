#include "host/media/scaler.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace swarmcast::media {
namespace {

constexpr AVRational kSquare{1, 1};

FramePtr picture(int width, int height, AVPixelFormat format, uint8_t luma) {
  FramePtr frame = new_frame();
  frame->width = width;
  frame->height = height;
  frame->format = format;
  EXPECT_EQ(av_frame_get_buffer(frame.get(), 0), 0);
  for (int y = 0; y < height; ++y)
    std::fill_n(frame->data[0] + ptrdiff_t{y} * frame->linesize[0], width, luma);
  for (int p : {1, 2})
    for (int y = 0; y < height / 2; ++y)
      std::fill_n(frame->data[p] + ptrdiff_t{y} * frame->linesize[p], width / 2, uint8_t{128});
  return frame;
}

int luma_at(const AVFrame& frame, int x, int y) {
  return frame.data[0][ptrdiff_t{y} * frame.linesize[0] + x];
}

TEST(ChooseSizeTest, FollowsTheRules) {
  EXPECT_EQ(choose_size({1920, 1080}, kSquare, {}), (PictureSize{640, 360}));
  EXPECT_EQ(choose_size({768, 576}, kSquare, {}), (PictureSize{480, 360}));
  EXPECT_EQ(choose_size({320, 240}, kSquare, {}), (PictureSize{320, 240}));
  EXPECT_EQ(choose_size({1080, 1920}, kSquare, {}), (PictureSize{202, 360}));
  EXPECT_EQ(choose_size({720, 576}, {16, 11}, {}), (PictureSize{640, 352}));
  EXPECT_EQ(choose_size({1920, 1080}, kSquare, {1280, 0}), (PictureSize{1280, 720}));
  EXPECT_EQ(choose_size({1920, 1080}, kSquare, {0, 240}), (PictureSize{426, 240}));
  EXPECT_EQ(choose_size({1920, 1080}, kSquare, {500, 501}), (PictureSize{500, 502}));
  EXPECT_EQ(choose_size({3, 3}, {0, 1}, {}), (PictureSize{32, 32}));
  EXPECT_EQ(choose_size({100'000, 2}, kSquare, {}), (PictureSize{640, 32}));
}

TEST(ScalerTest, PassesOnWhatFits) {
  FramePtr in = picture(320, 180, AV_PIX_FMT_YUV420P, 90);
  FramePtr out = Scaler({320, 180}).scale(*in);
  ASSERT_TRUE(out);
  EXPECT_EQ(out->data[0], in->data[0]);
}

TEST(ScalerTest, KeepsTheShapeBetweenBlackBars) {
  Scaler scaler({640, 360});
  FramePtr out = scaler.scale(*picture(300, 300, AV_PIX_FMT_YUV420P, 200));
  ASSERT_TRUE(out);
  EXPECT_EQ(luma_at(*out, 20, 180), 16);
  EXPECT_EQ(luma_at(*out, 620, 180), 16);
  EXPECT_NEAR(luma_at(*out, 320, 180), 200, 2);
  EXPECT_NEAR(luma_at(*out, 320, 2), 200, 2);
}

TEST(ScalerTest, FullRangeBecomesLimited) {
  Scaler scaler({320, 180});
  FramePtr out = scaler.scale(*picture(320, 180, AV_PIX_FMT_YUVJ420P, 255));
  ASSERT_TRUE(out);
  EXPECT_NEAR(luma_at(*out, 100, 100), 235, 2);
}

TEST(ScalerTest, FollowsAnInputThatChanges) {
  Scaler scaler({320, 180});
  for (int side : {64, 640, 32, 1000})
    EXPECT_NEAR(luma_at(*scaler.scale(*picture(side, side, AV_PIX_FMT_YUV420P, 120)), 160, 90), 120,
                2);
}

}  // namespace
}  // namespace swarmcast::media
