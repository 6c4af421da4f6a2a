// What holds for each codec: the layers, that they can be dropped, key frames on demand, and that
// nothing but pictures is in the bitstream.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "engine/base/limits.h"
#include "host/media/media_for_test.h"
#include "host/media/test_picture.h"
#include "host/media/video_decoder.h"
#include "host/media/video_encoder.h"

namespace swarmcast::media {
namespace {

class LayeredCodecTest : public testing::TestWithParam<VideoCodec> {
 protected:
  std::vector<StoredUnit> encode(int count, const std::set<int>& forced_keys = {}) {
    auto encoder = VideoEncoder::create(GetParam(), {kWidth, kHeight, 20, 400});
    TestPicture picture(kWidth, kHeight);
    std::vector<StoredUnit> units;
    EXPECT_TRUE(encoder);
    for (int n = 0; encoder && n < count; ++n) {
      const int64_t at = n * kPeriod;
      const auto unit =
          encoder->encode(picture.draw(at, n), 9'000'000'000 + at, forced_keys.contains(n));
      EXPECT_TRUE(unit) << n;
      if (unit) units.emplace_back(*unit);
    }
    return units;
  }

  // Decoded luma by unit number, of the units whose temporal id is at most `layers`.
  std::map<size_t, std::vector<uint8_t>> decode(const std::vector<StoredUnit>& units, int layers) {
    std::map<size_t, std::vector<uint8_t>> pictures;
    auto decoder = VideoDecoder::create(GetParam());
    EXPECT_TRUE(decoder);
    for (size_t n = 0; decoder && n < units.size(); ++n) {
      if (units[n].head.temporal_id > layers) continue;
      const FramePtr picture = decoder->decode(*units[n].packet());
      EXPECT_TRUE(picture) << "unit " << n << " with layers 0.." << layers;
      if (!picture) continue;
      for (int y = 0; y < kHeight; ++y) {
        const uint8_t* row = picture->data[0] + ptrdiff_t{y} * picture->linesize[0];
        pictures[n].insert(pictures[n].end(), row, row + kWidth);
      }
    }
    return pictures;
  }
};

TEST_P(LayeredCodecTest, SaysWhatDependsOnWhat) {
  const auto units = encode(20, {9});
  ASSERT_EQ(units.size(), 20u);
  // A key frame at 9 starts the pattern anew.
  const std::vector<int> layers = {0, 2, 1, 2, 0, 2, 1, 2, 0, 0, 2, 1, 2, 0, 2, 1, 2, 0, 2, 1};
  const std::vector<int> depends = {0, 1, 2, 1, 4, 1, 2, 1, 4, 0, 1, 2, 1, 4, 1, 2, 1, 4, 1, 2};
  for (size_t n = 0; n < units.size(); ++n) {
    EXPECT_EQ(units[n].head.temporal_id, layers[n]) << n;
    EXPECT_EQ(units[n].head.depends_on, depends[n]) << n;
    EXPECT_EQ(units[n].head.key, n == 0 || n == 9) << n;
  }
}

TEST_P(LayeredCodecTest, LayersCanBeDropped) {
  const auto units = encode(60, {14, 31});
  const auto all = decode(units, 2);
  EXPECT_EQ(all.size(), units.size());
  for (const int layers : {1, 0}) {
    const auto kept = decode(units, layers);
    EXPECT_GE(kept.size(), 15u);
    for (const auto& [n, luma] : kept) {
      const auto whole = all.find(n);
      ASSERT_NE(whole, all.end());
      EXPECT_TRUE(luma == whole->second) << "unit " << n << " differs without T" << layers + 1;
    }
  }
}

// Without the units before it, what begins with a key frame decodes to the same pictures.
TEST_P(LayeredCodecTest, AKeyFrameOnDemandStartsAnew) {
  auto units = encode(30, {13});
  const auto all = decode(units, 2);
  units.erase(units.begin(), units.begin() + 13);
  const auto late = decode(units, 2);
  ASSERT_EQ(late.size(), units.size());
  for (const auto& [n, luma] : late) EXPECT_TRUE(luma == all.at(n + 13)) << n;
}

TEST_P(LayeredCodecTest, KeepsToTheBitrate) {
  const auto units = encode(100);
  size_t bytes = 0;
  for (size_t n = 20; n < units.size(); ++n) bytes += units[n].payload.size();
  const double kbps = static_cast<double>(bytes) * 8 / (80 * 50);
  std::printf("%s: %.0f kbit/s of 400\n", name_of(GetParam()), kbps);
  EXPECT_LT(kbps, 400 * 1.3);
  EXPECT_GT(kbps, 400 * 0.3);
}

TEST_P(LayeredCodecTest, NoiseStaysWithinTheLimit) {
  auto encoder = VideoEncoder::create(GetParam(), {640, 360, 20, 100});
  ASSERT_TRUE(encoder);
  std::mt19937 random(3);
  std::vector<uint8_t> noise(640 * 360 * 3 / 2);
  int64_t at = 1'000'000;
  auto decoder = VideoDecoder::create(GetParam());
  int pictures = 0;
  for (int n = 0; n < 12; ++n, at += kPeriod) {
    for (uint8_t& sample : noise) sample = static_cast<uint8_t>(random());
    const PictureView view{{noise.data(), noise.data() + 640 * 360, noise.data() + 640 * 450},
                           {640, 320, 320}};
    const auto unit = encoder->encode(view, at, false);
    if (!unit) continue;
    EXPECT_LE(unit->payload.size(), kMaxFrameSize);
    pictures += decoder->decode(*StoredUnit(*unit).packet()) ? 1 : 0;
  }
  EXPECT_GE(pictures, 10);
}

// The types of the parts of a unit; a part of a kind that may carry words is what we look for.
std::set<int> h264_parts(const std::vector<uint8_t>& unit) {
  std::set<int> types;
  for (size_t i = 0; i + 3 < unit.size(); ++i)
    if (unit[i] == 0 && unit[i + 1] == 0 && unit[i + 2] == 1) types.insert(unit[i + 3] & 31);
  return types;
}

std::set<int> av1_parts(const std::vector<uint8_t>& unit) {
  std::set<int> types;
  for (size_t i = 0; i < unit.size();) {
    const uint8_t header = unit[i++];
    types.insert(header >> 3 & 15);
    if (header & 4) ++i;  // extension
    size_t size = 0;
    for (int shift = 0; i < unit.size(); shift += 7) {
      size |= size_t{unit[i] & 0x7fu} << shift;
      if ((unit[i++] & 0x80) == 0) break;
    }
    i += size;
  }
  return types;
}

TEST_P(LayeredCodecTest, NothingButPicturesIsInIt) {
  const auto units = encode(50);
  std::set<int> parts;
  for (const StoredUnit& unit : units) {
    if (GetParam() == VideoCodec::kH264) parts.merge(h264_parts(unit.payload));
    if (GetParam() == VideoCodec::kAv1) parts.merge(av1_parts(unit.payload));
    if (GetParam() == VideoCodec::kVp9) {
      EXPECT_EQ(unit.payload[0] >> 6, 2) << "frame marker: VP9 has no other parts";
      EXPECT_NE(unit.payload.back() & 0xe0, 0xc0) << "a superframe may hide others";
    }
  }
  // Slices and parameter sets: no SEI (6), no user data.
  if (GetParam() == VideoCodec::kH264) {
    EXPECT_EQ(parts, (std::set<int>{1, 5, 7, 8}));
  }
  // Sequence header, temporal delimiter, frame: no metadata (5), no padding (15).
  if (GetParam() == VideoCodec::kAv1) {
    EXPECT_EQ(parts, (std::set<int>{1, 2, 6}));
  }
}

INSTANTIATE_TEST_SUITE_P(Codecs, LayeredCodecTest,
                         testing::Values(VideoCodec::kH264, VideoCodec::kVp9, VideoCodec::kAv1),
                         [](const auto& codec) {
                           switch (codec.param) {
                             case VideoCodec::kVp9:
                               return "Vp9";
                             case VideoCodec::kAv1:
                               return "Av1";
                             default:
                               return "H264";
                           }
                         });

}  // namespace
}  // namespace swarmcast::media
