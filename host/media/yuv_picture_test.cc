#include "host/media/yuv_picture.h"

#include <gtest/gtest.h>

namespace swarmcast::media {
namespace {

TEST(YuvPictureTest, IsBlackInEveryCorner) {
  const FramePtr picture = new_picture({34, 18});
  ASSERT_TRUE(picture);
  EXPECT_EQ(picture->format, AV_PIX_FMT_YUV420P);
  for (int p = 0; p < 3; ++p)
    for (int y = 0; y < (p == 0 ? 18 : 9); ++y)
      std::fill_n(picture->data[p] + ptrdiff_t{y} * picture->linesize[p], p == 0 ? 34 : 17, 77);
  blacken(*picture);
  for (int p = 0; p < 3; ++p) {
    const int right = p == 0 ? 33 : 16, bottom = p == 0 ? 17 : 8;
    const int expected = p == 0 ? kBlackLuma : kNoChroma;
    for (int x : {0, right})
      for (int y : {0, bottom})
        EXPECT_EQ(picture->data[p][ptrdiff_t{y} * picture->linesize[p] + x], expected)
            << "plane " << p << ", " << x << ", " << y;
  }
}

TEST(YuvPictureTest, ASizeThatCannotBeHasNoPicture) { EXPECT_FALSE(new_picture({0, 18})); }

}  // namespace
}  // namespace swarmcast::media
