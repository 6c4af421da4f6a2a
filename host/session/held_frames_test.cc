#include "host/session/held_frames.h"

#include <gtest/gtest.h>

namespace swarmcast::session {
namespace {

using Numbers = std::vector<uint32_t>;

struct Stream {
  void picture(uint32_t number, bool key = false, size_t size = 10) {
    give(kVideoTrack, number, key, size);
  }
  void sound(uint32_t number) { give(kAudioTrack, number, true, 10); }
  void give(TrackId track, uint32_t number, bool key, size_t size) {
    const std::vector<uint8_t> payload(size, static_cast<uint8_t>(number));
    const EncodedFrame frame{
        .track = track, .number = FrameNumber(number), .key = key, .payload = payload};
    held.add(frame, Instant::from_ms(number), number % 2 == 0);
  }
  Numbers played() {
    Numbers out;
    held.play_all([&](const EncodedFrame& frame, Instant present_at, bool show) {
      const uint32_t number = frame.number.value();
      EXPECT_EQ(present_at, Instant::from_ms(number));
      EXPECT_EQ(show, number % 2 == 0);
      EXPECT_EQ(frame.payload.front(), static_cast<uint8_t>(number));
      out.push_back(number);
    });
    return out;
  }
  HeldFrames held;
};

TEST(HeldFrames, BeginWithTheLastKeyPicture) {
  Stream s;
  s.picture(1, true);
  s.picture(2);
  s.sound(3);
  s.picture(4, true);
  s.picture(5);
  EXPECT_EQ(s.played(), (Numbers{3, 4, 5}));
  EXPECT_EQ(s.played(), Numbers());
}

TEST(HeldFrames, AreBounded) {
  Stream s;
  for (uint32_t n = 0; n < HeldFrames::kMaxFrames; ++n) s.picture(n, n == 0);
  EXPECT_EQ(s.played().size(), HeldFrames::kMaxFrames);
  for (uint32_t n = 0; n < HeldFrames::kMaxFrames; ++n) s.picture(n, n == 0);
  s.picture(7);
  EXPECT_TRUE(s.played().empty());
  s.picture(1, true, HeldFrames::kMaxBytes);
  s.picture(2);
  EXPECT_TRUE(s.played().empty());
  s.picture(3, true, HeldFrames::kMaxBytes);
  EXPECT_EQ(s.played(), Numbers{3});
}

}  // namespace
}  // namespace swarmcast::session
