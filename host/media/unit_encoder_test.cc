#include "host/media/unit_encoder.h"

#include <gtest/gtest.h>

#include "host/media/capture_for_test.h"

namespace swarmcast::media {
namespace {

struct Encoding {
  Encoding() { EXPECT_TRUE(encoder.open({kWidth, kHeight, 20, 1})); }
  void pictures(int count) {
    for (; count > 0; --count, ++number)
      encoder.picture(picture.draw(number * kPeriod, number), number * kPeriod);
  }
  size_t bytes_from(size_t first) const {
    size_t sum = 0;
    for (size_t i = first; i < sink.video.size(); ++i) sum += sink.video[i].payload.size();
    return sum;
  }
  RecordingSink sink;
  UnitEncoder encoder{sink, 1000};
  TestPicture picture{kWidth, kHeight};
  int number = 0;
};

TEST(UnitEncoderTest, WithoutRoomForThePictureTheSoundGoesOn) {
  Encoding e;
  e.pictures(6);
  e.encoder.set_target(50, true);
  e.pictures(20);
  e.encoder.sound(test_tone(0), 0);
  EXPECT_EQ(e.sink.video.size(), 6u);
  EXPECT_EQ(e.sink.audio.size(), 1u);
  EXPECT_EQ(e.sink.notices.size(), 1u);
  e.encoder.set_target(1000, false);
  e.pictures(6);
  ASSERT_EQ(e.sink.video.size(), 12u);
  EXPECT_TRUE(e.sink.video[6].head.key);
  EXPECT_EQ(e.sink.video[6].head.index_in_chunk, 0);
  EXPECT_FALSE(e.sink.video[7].head.key);
  EXPECT_EQ(e.sink.notices.size(), 2u);
  // The stamp in the picture is its number.
  EXPECT_EQ(stamps_of(e.sink.video),
            (std::vector<uint64_t>{0, 1, 2, 3, 4, 5, 26, 27, 28, 29, 30, 31}));
}

TEST(UnitEncoderTest, ANewBitrateIsFollowedWithoutAKeyFrame) {
  Encoding e;
  e.pictures(40);
  const size_t rich = e.bytes_from(20);
  for (int i = 0; i < 20; ++i) {
    e.encoder.set_target(150 + i, false);  // as often as the network's mood changes
    e.pictures(1);
  }
  const size_t first = e.sink.video.size();
  e.pictures(20);
  EXPECT_LT(e.bytes_from(first), rich / 2);
  int keys = 0;
  for (const StoredUnit& unit : e.sink.video) keys += unit.head.key ? 1 : 0;
  EXPECT_EQ(keys, 2) << "the first, and the one that is due after 48 pictures";
}

TEST(UnitEncoderTest, SoundWithoutAPictureIsAStream) {
  RecordingSink sink;
  UnitEncoder encoder(sink, 1000);
  ASSERT_TRUE(encoder.open(
      {.width = 0, .height = 0, .fps = 0, .audio_channels = 1, .codec = VideoCodec::kNone}));
  encoder.sound(test_tone(0), 0);
  EXPECT_EQ(sink.audio.size(), 1u);
}

}  // namespace
}  // namespace swarmcast::media
