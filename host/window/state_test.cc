#include "host/window/state.h"

#include <gtest/gtest.h>

#include <vector>

#include "host/window/screen_text.h"

namespace swarmcast::window {
namespace {

constexpr int64_t kNow = 100'000'000;

TEST(WindowStateTest, SaysWhatIsWrong) {
  EXPECT_EQ(words_for({}, kNow), "WAITING FOR THE STREAM");
  EXPECT_EQ(words_for({.last_picture_us = kNow - 50'000}, kNow), "");
  EXPECT_EQ(words_for({.last_picture_us = kNow - 50'000, .last_sound_us = kNow}, kNow), "");
  EXPECT_EQ(words_for({.last_picture_us = kNow - 2'000'000, .last_sound_us = kNow}, kNow),
            "SOUND ONLY");
  EXPECT_EQ(words_for({.last_sound_us = kNow}, kNow), "SOUND ONLY");
  EXPECT_EQ(words_for({.last_picture_us = kNow - 2'000'000}, kNow), "SOURCE LOST");
  EXPECT_EQ(words_for({.last_picture_us = kNow, .ended = true}, kNow), "THE BROADCAST HAS ENDED");
}

// How many pixels of the canvas are white.
size_t white_after(std::string_view text, int width, int height) {
  std::vector<uint32_t> pixels(static_cast<size_t>(width * height), 0x808080);
  write_text({pixels.data(), static_cast<size_t>(width), width, height}, text);
  return static_cast<size_t>(std::count(pixels.begin(), pixels.end(), 0xffffffu));
}

TEST(ScreenTextTest, IsLargeAndStaysWithinThePicture) {
  EXPECT_GT(white_after("SOURCE LOST", 640, 360), size_t{640} * 360 / 100);
  for (const auto& [width, height] : {std::pair{1, 1}, {7, 5}, {40, 400}, {400, 40}, {3840, 2160}})
    white_after("WAITING FOR THE STREAM", width, height);  // under the sanitizers
  EXPECT_EQ(white_after("", 640, 360), 0u);
}

}  // namespace
}  // namespace swarmcast::window
