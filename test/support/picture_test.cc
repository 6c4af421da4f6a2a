#include "test/support/picture.h"

#include <gtest/gtest.h>

namespace swarmcast::test {
namespace {

Thumbnail scene(int number) {
  const Picture420 picture = make_scene(number, 640, 360);
  return shrink(picture.y(), picture.width, picture.width, picture.height);
}

TEST(PictureTest, ShrinkAverages) {
  std::vector<uint8_t> y(128 * 72);
  for (size_t i = 0; i < y.size(); ++i) y[i] = i % 2 == 0 ? 0 : 100;
  const Thumbnail out = shrink(y.data(), 128, 128, 72);
  ASSERT_EQ(out.luma.size(), 64u * 36u);
  for (uint8_t v : out.luma) EXPECT_EQ(v, 50);
  EXPECT_TRUE(shrink(y.data(), 32, 32, 32).luma.empty());
}

TEST(PictureTest, PsnrTellsEqualNearAndDifferentApart) {
  Thumbnail near = scene(10);
  for (uint8_t& v : near.luma) v = static_cast<uint8_t>(v + 2);
  EXPECT_EQ(psnr(scene(10), scene(10)), 99);
  EXPECT_NEAR(psnr(scene(10), near), 42.1, 0.1);
  EXPECT_EQ(psnr(scene(10), {}), 0);
}

TEST(PictureTest, NeighbouringScenesDiffer) {
  for (int i = 0; i < 100; ++i) EXPECT_LT(psnr(scene(i), scene(i + 1)), 26) << i;
}

}  // namespace
}  // namespace swarmcast::test
