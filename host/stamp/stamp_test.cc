#include "host/stamp/stamp.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace swarmcast {
namespace {

struct Luma {
  Luma(int w, int h, uint8_t shade)
      : width(w),
        height(h),
        stride(static_cast<size_t>(w) + 13),
        data(stride * static_cast<size_t>(h), shade) {}
  bool write(uint64_t value) { return write_stamp(data.data(), stride, width, height, value); }
  std::optional<uint64_t> read() const { return read_stamp(data.data(), stride, width, height); }
  int width, height;
  size_t stride;
  std::vector<uint8_t> data;
};

TEST(StampTest, RoundTripsAtManySizes) {
  std::mt19937_64 random(7);
  for (auto [w, h] : {std::pair{640, 360}, {320, 180}, {160, 90}, {1280, 720}, {426, 240}}) {
    for (int i = 0; i < 50; ++i) {
      const uint64_t value = random() & kMaxStamp;
      Luma luma(w, h, 100);
      ASSERT_TRUE(luma.write(value));
      EXPECT_EQ(luma.read(), value) << w << "x" << h;
    }
  }
}

TEST(StampTest, TouchesOnlyItsBand) {
  Luma luma(640, 360, 77);
  ASSERT_TRUE(luma.write(12345));
  for (size_t y = static_cast<size_t>(stamp_height(360)); y < 360; ++y)
    for (size_t x = 0; x < 640; ++x) ASSERT_EQ(luma.data[y * luma.stride + x], 77);
}

TEST(StampTest, FlatPicturesHoldNoStamp) {
  for (int shade = 0; shade < 256; ++shade)
    EXPECT_EQ(Luma(640, 360, static_cast<uint8_t>(shade)).read(), std::nullopt) << shade;
}

TEST(StampTest, OneWrongBlockIsNoticed) {
  for (int bit = 0; bit < 64; ++bit) {
    Luma luma(640, 360, 0);
    ASSERT_TRUE(luma.write(0x123456789abc));
    const size_t left = static_cast<size_t>(bit % 32 * 20);
    const size_t top = static_cast<size_t>(bit / 32 * 20);
    for (size_t y = top; y < top + 20; ++y)
      for (size_t x = left; x < left + 20; ++x) {
        uint8_t& sample = luma.data[y * luma.stride + x];
        sample = static_cast<uint8_t>(251 - sample);
      }
    EXPECT_EQ(luma.read(), std::nullopt) << bit;
  }
}

TEST(StampTest, RefusesWhatDoesNotFit) {
  EXPECT_FALSE(Luma(158, 90, 0).write(1));
  EXPECT_FALSE(Luma(160, 88, 0).write(1));
  EXPECT_FALSE(Luma(640, 360, 0).write(kMaxStamp + 1));
  EXPECT_EQ(Luma(16, 16, 0).read(), std::nullopt);
}

TEST(StampTest, SurvivesStrongNoise) {
  std::mt19937 random(11);
  std::normal_distribution<double> noise(0, 60);
  Luma luma(320, 180, 0);
  ASSERT_TRUE(luma.write(987654321));
  for (uint8_t& sample : luma.data)
    sample = static_cast<uint8_t>(std::clamp(sample + noise(random), 0.0, 255.0));
  EXPECT_EQ(luma.read(), 987654321u);
}

}  // namespace
}  // namespace swarmcast
