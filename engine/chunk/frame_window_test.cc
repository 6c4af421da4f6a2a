#include "engine/chunk/frame_window.h"

#include <gtest/gtest.h>

namespace swarmcast::chunk {
namespace {

FrameHeader frame(uint32_t number, int64_t capture_ms) {
  return {.id = {kVideoTrack, FrameNumber(number)}, .capture = StreamTime::from_ms(capture_ms)};
}

TEST(FrameWindow, EstimatesCaptureOfUnseenFrames) {
  FrameWindow window;
  window.note(frame(100, 5'000));
  window.note(frame(104, 5'200));
  EXPECT_EQ(window.at(103).capture, StreamTime::from_ms(5'150));
  EXPECT_FALSE(window.at(103).seen);
  window.note(frame(103, 5'160));
  EXPECT_EQ(window.at(103).capture, StreamTime::from_ms(5'160));
  window.note(frame(96, 4'800));
  EXPECT_EQ(window.begin(), 96u);
  EXPECT_EQ(window.at(98).capture, StreamTime::from_ms(4'900));
  EXPECT_EQ(window.at(100).capture, StreamTime::from_ms(5'000));
  EXPECT_EQ(window.end(), 105u);
}

TEST(FrameWindow, SlidesAndForgets) {
  FrameWindow window;
  window.note(frame(0, 0));
  window.note(frame(kFrameWindow - 1, 1'000));
  EXPECT_EQ(window.begin(), 0u);
  EXPECT_EQ(window.begin_with(kFrameWindow), 1u);
  window.note(frame(kFrameWindow, 1'050));
  EXPECT_EQ(window.begin(), 1u);
  EXPECT_EQ(window.note(frame(0, 0)), nullptr);
}

TEST(FrameWindow, SurvivesAnyJump) {
  FrameWindow window;
  window.note(frame(5, 0));
  window.note(frame(4'000'000'000u, 1'000'000));
  EXPECT_EQ(window.end() - window.begin(), kFrameWindow);
  EXPECT_EQ(window.at(4'000'000'000u - 1).seen, false);
  EXPECT_EQ(window.note(frame(5, 0)), nullptr);
}

}  // namespace
}  // namespace swarmcast::chunk
