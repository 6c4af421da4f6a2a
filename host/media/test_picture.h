// The built-in test picture and tone.
#pragma once

#include <cstdint>
#include <vector>

#include "host/media/opus_codec.h"
#include "host/media/picture_view.h"

namespace swarmcast::media {

// A bouncing disc, a moving band and a clock of the time since the start, under a stamp of the
// capture time (host/stamp). A grain as of film lets an encoder use the bitrate it is given. For
// the first 100 ms of each second a white square flashes, and the tone beeps.
class TestPicture {
 public:
  TestPicture(int width, int height);  // even
  // Draws the picture of `elapsed_us` since the start; valid until the next call.
  PictureView draw(int64_t elapsed_us, int64_t captured_us);

 private:
  struct Colour {
    uint8_t y, u, v;
  };
  void draw_background();
  void fill(int left, int top, int width, int height, Colour colour);
  void disc(int centre_x, int centre_y, int radius, Colour colour);
  void digit(int left, int top, int size, int value);
  void clock(int64_t elapsed_us);
  void grain(int64_t elapsed_us);

  int width_, height_;
  std::vector<uint8_t> background_, picture_;  // Y, U, V after one another
  std::vector<int8_t> grain_;
};

// The 20 ms of sound from sample `first` (48 kHz) since the start: 1 kHz beeps, else silence.
PcmPacket test_tone(int64_t first);

}  // namespace swarmcast::media
