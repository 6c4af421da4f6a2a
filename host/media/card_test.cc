#include "host/media/card.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "host/media/words.h"

namespace swarmcast::media {
namespace {

constexpr PictureSize kSize{320, 180};

uint8_t luma(const AVFrame& frame, int x, int y) {
  return frame.data[0][ptrdiff_t{y} * frame.linesize[0] + x];
}

TEST(CardTest, WordsAreAcrossTheMiddle) {
  const FramePtr card = make_card(kSize, "SOUND ONLY", nullptr);
  ASSERT_TRUE(card);
  EXPECT_EQ(card->width, kSize.width);
  EXPECT_EQ(card->height, kSize.height);
  int white = 0;
  for (int y = 0; y < kSize.height; ++y) {
    for (int x = 0; x < kSize.width; ++x) {
      const bool near_middle = std::abs(y - kSize.height / 2) < kSize.height / 8;
      if (luma(*card, x, y) == 16) continue;
      EXPECT_TRUE(near_middle) << x << " " << y;
      ++white;
    }
  }
  EXPECT_GT(white, 500);
  EXPECT_EQ(card->data[1][0], 128);
}

TEST(CardTest, ThePictureBehindIsDarkened) {
  const FramePtr bright = make_card(kSize, "", nullptr);
  std::fill_n(bright->data[0], ptrdiff_t{bright->linesize[0]} * kSize.height, 196);
  const FramePtr card = make_card(kSize, "SOUND ONLY", bright.get());
  EXPECT_EQ(luma(*card, 5, 5), 16 + (196 - 16) / 3);
  EXPECT_EQ(luma(*card, 0, kSize.height / 2), 16);
}

TEST(CardTest, WordsStayWithinSmallPictures) {
  for (const PictureSize size : {PictureSize{32, 32}, {34, 4096}, {4096, 32}}) {
    draw_words("WAITING FOR THE FIRST PICTURE", size.width, size.height, false,
               [&](const Box& box, bool) {
                 EXPECT_GE(box.left, 0);
                 EXPECT_GE(box.top, 0);
                 EXPECT_LE(box.left + box.width, size.width);
                 EXPECT_LE(box.top + box.height, size.height);
               });
    EXPECT_TRUE(make_card(size, "WAITING FOR THE FIRST PICTURE", nullptr));
  }
}

}  // namespace
}  // namespace swarmcast::media
