// The encoder's structure, and that layers can be dropped. Pictures come from the test picture.
#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <random>

#include "engine/base/limits.h"
#include "host/media/clock.h"
#include "host/media/h264_encoder.h"
#include "host/media/media_for_test.h"
#include "host/media/scaler.h"
#include "host/media/test_picture.h"
#include "host/media/video_decoder.h"
#include "host/stamp/stamp.h"

namespace swarmcast::media {
namespace {

std::vector<StoredUnit> encode(H264Encoder& encoder, TestPicture& picture, int count,
                               std::vector<int> forced_keys = {}) {
  std::vector<StoredUnit> units;
  for (int n = 0; n < count; ++n) {
    const bool key = std::find(forced_keys.begin(), forced_keys.end(), n) != forced_keys.end();
    const int64_t at = n * kPeriod;
    auto unit = encoder.encode(picture.draw(at, 7'000'000 + at), 7'000'000 + at, key);
    if (!unit) continue;
    units.emplace_back(*unit);
  }
  return units;
}

std::vector<int> nal_types(const std::vector<uint8_t>& unit) {
  std::vector<int> types;
  for (size_t i = 0; i + 3 < unit.size(); ++i)
    if (unit[i] == 0 && unit[i + 1] == 0 && unit[i + 2] == 1) types.push_back(unit[i + 3] & 31);
  return types;
}

std::vector<uint8_t> luma_of(const AVFrame& frame) {
  std::vector<uint8_t> luma;
  for (int y = 0; y < frame.height; ++y) {
    const uint8_t* row = frame.data[0] + ptrdiff_t{y} * frame.linesize[0];
    luma.insert(luma.end(), row, row + frame.width);
  }
  return luma;
}

// Decoded luma by unit number, of the units whose temporal id is at most `layers`.
std::map<size_t, std::vector<uint8_t>> decode(const std::vector<StoredUnit>& units, int layers) {
  std::map<size_t, std::vector<uint8_t>> pictures;
  auto decoder = VideoDecoder::create(VideoCodec::kH264);
  for (size_t n = 0; n < units.size(); ++n) {
    if (units[n].head.temporal_id > layers) continue;
    PacketPtr packet = units[n].packet();
    FramePtr picture = decoder->decode(*packet);
    EXPECT_TRUE(picture) << "unit " << n << " with layers 0.." << layers;
    if (picture) pictures[n] = luma_of(*picture);
  }
  return pictures;
}

TEST(H264EncoderTest, SaysWhatDependsOnWhat) {
  auto encoder = H264Encoder::create({});
  TestPicture picture(640, 360);
  const auto units = encode(*encoder, picture, 40, {9, 22});
  ASSERT_EQ(units.size(), 40u);
  std::vector<int> layers, index, depends;
  for (const auto& u : units) {
    layers.push_back(u.head.temporal_id);
    index.push_back(u.head.index_in_chunk);
    depends.push_back(u.head.depends_on);
    EXPECT_EQ(u.head.key, u.head.depends_on == 0);
  }
  const std::vector<int> first9 = {0, 2, 1, 2, 0, 2, 1, 2, 0};
  EXPECT_EQ(std::vector<int>(layers.begin(), layers.begin() + 9), first9);
  EXPECT_EQ(std::vector<int>(index.begin(), index.begin() + 9),
            (std::vector<int>{0, 1, 2, 3, 0, 1, 2, 3, 0}));
  EXPECT_EQ(std::vector<int>(depends.begin(), depends.begin() + 9),
            (std::vector<int>{0, 1, 2, 1, 4, 1, 2, 1, 4}));
  // A key frame on demand starts a mini-GOP of its own.
  EXPECT_TRUE(units[9].head.key);
  EXPECT_EQ(std::vector<int>(layers.begin() + 9, layers.begin() + 14),
            (std::vector<int>{0, 2, 1, 2, 0}));
  EXPECT_EQ(depends[13], 4);
  EXPECT_TRUE(units[22].head.key);
}

TEST(H264EncoderTest, KeyFramesCarryParameterSetsAndNothingCarriesSei) {
  auto encoder = H264Encoder::create({});
  TestPicture picture(640, 360);
  const auto units = encode(*encoder, picture, 60, {5});
  int last_key = 0;
  for (size_t n = 0; n < units.size(); ++n) {
    const auto types = nal_types(units[n].payload);
    if (units[n].head.key) {
      EXPECT_EQ(types, (std::vector<int>{7, 8, 5})) << n;
      EXPECT_LE(static_cast<int>(n) - last_key, 60) << "at most 3 s apart";
      last_key = static_cast<int>(n);
    } else {
      EXPECT_EQ(types, std::vector<int>{1}) << n;
    }
  }
  EXPECT_EQ(last_key, 53) << "48 pictures after the key frame on demand";
}

// Property: what is left after dropping layers decodes without error, to the very same samples.
TEST(H264EncoderTest, LayersCanBeDropped) {
  auto encoder = H264Encoder::create({});
  TestPicture picture(640, 360);
  const auto units = encode(*encoder, picture, 80, {17, 50});
  const auto whole = decode(units, 2);
  ASSERT_EQ(whole.size(), 80u);
  for (int layers : {1, 0}) {
    const auto fewer = decode(units, layers);
    EXPECT_LT(fewer.size(), layers == 1 ? 45u : 25u);
    for (const auto& [n, luma] : fewer) EXPECT_EQ(luma, whole.at(n)) << n;
  }
}

// The stated dependencies are enough: with random units lost, and all that follows from them by
// depends_on, the rest decodes exactly.
TEST(H264EncoderTest, StatedDependenciesSuffice) {
  auto encoder = H264Encoder::create({});
  TestPicture picture(640, 360);
  const auto units = encode(*encoder, picture, 60, {17, 42});
  const auto whole = decode(units, 2);
  int decoded = 0;
  for (uint32_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    std::vector<bool> usable(units.size());
    auto decoder = VideoDecoder::create(VideoCodec::kH264);
    for (size_t n = 0; n < units.size(); ++n) {
      const uint8_t back = units[n].head.depends_on;
      usable[n] = random() % 10 != 0 && (back == 0 || usable[n - back]);
      if (!usable[n]) continue;
      PacketPtr packet = units[n].packet();
      FramePtr out = decoder->decode(*packet);
      ASSERT_TRUE(out) << n;
      ASSERT_EQ(luma_of(*out), whole.at(n)) << n;
      ++decoded;
    }
  }
  EXPECT_GT(decoded, 50);
}

// `every`: each so many samples are random; 1 = white noise.
struct Noise {
  PictureView next(size_t every) {
    for (size_t i = 0; i < planes.size(); i += every) planes[i] = static_cast<uint8_t>(random());
    return {{planes.data(), planes.data() + 640 * 360, planes.data() + 640 * 360 * 5 / 4},
            {640, 320, 320}};
  }
  std::vector<uint8_t> planes = std::vector<uint8_t>(640 * 360 * 3 / 2);
  std::mt19937 random{3};
};

TEST(H264EncoderTest, KeepsItsBitrateAndFollowsIt) {
  auto encoder = H264Encoder::create({640, 360, 20, 1000});
  Noise noise;
  int64_t number = 0;
  const auto kbps_of_second = [&] {
    size_t bytes = 0;
    for (int n = 0; n < 20; ++n)
      if (auto unit = encoder->encode(noise.next(300), number++ * kPeriod, false))
        bytes += unit->payload.size();
    return static_cast<double>(bytes) * 8 / 1000;
  };
  for (int second = 0; second < 4; ++second) kbps_of_second();
  EXPECT_NEAR(kbps_of_second(), 1000, 300);
  encoder->set_bitrate(2000);
  for (int second = 0; second < 3; ++second) kbps_of_second();
  EXPECT_NEAR(kbps_of_second(), 2000, 500);
}

// Static of a bad camera must neither silence the encoder nor choke the network.
TEST(H264EncoderTest, NoiseIsCodedCoarselyInsteadOfNotAtAll) {
  auto encoder = H264Encoder::create({640, 360, 20, 800});
  TestPicture picture(640, 360);
  Noise noise;
  std::vector<StoredUnit> units;
  int64_t number = 0;
  const auto add = [&](const PictureView& view) {
    auto unit = encoder->encode(view, number * kPeriod, false);
    ASSERT_TRUE(unit) << number;
    EXPECT_LE(unit->payload.size(), kMaxFrameSize) << number;
    units.emplace_back(*unit);
    ++number;
  };
  for (int n = 0; n < 10; ++n) add(picture.draw(n * kPeriod, 0));
  for (int n = 0; n < 10; ++n) add(noise.next(3));
  for (int n = 0; n < 10; ++n) add(noise.next(1));
  EXPECT_EQ(decode(units, 2).size(), units.size());
  EXPECT_EQ(decode(units, 0).size(),
            static_cast<size_t>(std::count_if(units.begin(), units.end(),
                                              [](auto& u) { return u.head.temporal_id == 0; })));
}

TEST(H264EncoderTest, StampSurvivesLowBitrateAndScaling) {
  constexpr int kPictures = 60;
  auto encoder = H264Encoder::create({640, 360, 20, 300});
  auto decoder = VideoDecoder::create(VideoCodec::kH264);
  Scaler half({320, 180});
  TestPicture picture(640, 360);
  int whole = 0;
  int scaled = 0;
  size_t bytes = 0;
  for (const StoredUnit& u : encode(*encoder, picture, kPictures)) {
    bytes += u.payload.size();
    PacketPtr packet = u.packet();
    FramePtr out = decoder->decode(*packet);
    ASSERT_TRUE(out);
    const auto expected = std::optional<uint64_t>(u.head.captured_us);
    whole += read_stamp(out->data[0], static_cast<size_t>(out->linesize[0]), 640, 360) == expected;
    FramePtr small = half.scale(*out);
    ASSERT_TRUE(small);
    scaled +=
        read_stamp(small->data[0], static_cast<size_t>(small->linesize[0]), 320, 180) == expected;
  }
  EXPECT_EQ(whole, kPictures);
  EXPECT_EQ(scaled, kPictures);
  EXPECT_LT(static_cast<double>(bytes) * 8 / (kPictures / 20) / 1000, 400) << "kbit/s";
}

TEST(VideoDecoderTest, AKeyFrameBringsThePictureBackAfterAnyDamage) {
  auto encoder = H264Encoder::create({});
  TestPicture picture(640, 360);
  const auto units = encode(*encoder, picture, 8);
  const auto first = decode(units, 0).at(0);
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    auto decoder = VideoDecoder::create(VideoCodec::kH264);
    for (size_t round = 0; round < 30; ++round) {
      StoredUnit damaged = units[round % units.size()];
      for (int i = 0; i < 20; ++i)
        damaged.payload[random() % (round % 2 ? damaged.payload.size() : 40)] =
            static_cast<uint8_t>(random());
      damaged.payload.resize(1 + random() % damaged.payload.size());
      decoder->decode(*damaged.packet());  // must not crash; hardly ever gives anything
    }
    decoder->reset();
    FramePtr restored = decoder->decode(*units[0].packet());
    ASSERT_TRUE(restored) << "seed " << seed;
    EXPECT_EQ(luma_of(*restored), first) << "seed " << seed;
  }
}

// Not a bound, a figure for the log: the machine may be busy.
TEST(H264EncoderTest, PrintsItsCost) {
  for (auto [w, h, kbps] : {std::tuple{640, 360, 800}, {1280, 720, 1500}}) {
    auto encoder = H264Encoder::create({w, h, 20, kbps});
    TestPicture picture(w, h);
    std::vector<int64_t> times;
    for (int n = 0; n < 30; ++n) {
      const PictureView view = picture.draw(n * kPeriod, n);
      const int64_t start = monotonic_us();
      encoder->encode(view, n * kPeriod, false);
      times.push_back(monotonic_us() - start);
    }
    std::sort(times.begin(), times.end());
    std::cout << w << "x" << h << " encode p50 " << times[15] << " us, max " << times.back()
              << " us\n";
  }
}

}  // namespace
}  // namespace swarmcast::media
