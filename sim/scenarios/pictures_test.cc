#include "sim/scenarios/pictures.h"

#include <gtest/gtest.h>

namespace swarmcast::sim {
namespace {

constexpr DataRate kRate = DataRate::kbps(2'000);
constexpr int kKeyEvery = 2 * kFps;

TEST(PicturesTest, KeepTheRateThoughKeyPicturesAreBig) {
  Pictures pictures;
  size_t bytes = 0;
  constexpr int kCount = 20 * kKeyEvery;
  for (int i = 0; i < kCount; ++i) {
    const Picture p = pictures.next(kRate);
    EXPECT_EQ(p.key, i % kKeyEvery == 0) << i;
    bytes += p.bytes;
  }
  const auto budget = static_cast<double>(kRate.bytes_in(kPicturePeriod * kCount));
  EXPECT_NEAR(static_cast<double>(bytes) / budget, 1, 0.05);
}

TEST(PicturesTest, ReferOnlyToLowerLayers) {
  Pictures pictures;
  std::vector<Picture> all;
  for (int i = 0; i < kKeyEvery; ++i) {
    const Picture p = pictures.next(kRate);
    if (!p.key) {
      ASSERT_LE(p.depends_on, all.size());
      const Picture& reference = all[all.size() - p.depends_on];
      EXPECT_LE(reference.temporal_id, p.temporal_id) << i;
      EXPECT_TRUE(reference.temporal_id < p.temporal_id || p.temporal_id == 0) << i;
    }
    all.push_back(p);
  }
}

TEST(PicturesTest, AKeyPictureComesWhenAskedForAndAfterAPause) {
  Pictures pictures;
  EXPECT_TRUE(pictures.next(kRate).key);
  EXPECT_FALSE(pictures.next(kRate).key);
  EXPECT_TRUE(pictures.next(kRate, true).key);
  EXPECT_FALSE(pictures.next(kRate).key);
  pictures.pause();
  EXPECT_TRUE(pictures.next(kRate).key);
}

}  // namespace
}  // namespace swarmcast::sim
