// Pictures as tests look at them: made by number, shrunk, compared.
#pragma once

#include <cstdint>
#include <vector>

namespace swarmcast::test {

// Luma shrunk to kWidth x kHeight by averaging: enough to tell pictures apart, small enough to keep
// thousands.
struct Thumbnail {
  static constexpr int kWidth = 64, kHeight = 36;
  std::vector<uint8_t> luma;  // kWidth * kHeight, or empty
};

// `y` has `height` rows of `width` bytes, `stride` apart; at least kWidth x kHeight.
Thumbnail shrink(const uint8_t* y, int stride, int width, int height);
// Peak signal-to-noise ratio in dB, 99 for equal pictures; 0 if one is empty.
double psnr(const Thumbnail& a, const Thumbnail& b);

// A yuv420p picture without padding: y, then u, then v.
struct Picture420 {
  int width = 0;
  int height = 0;
  std::vector<uint8_t> bytes;
  uint8_t* y() { return bytes.data(); }
  const uint8_t* y() const { return bytes.data(); }
};

// A moving scene, different in every frame and nowhere flat; even `width` and `height`.
Picture420 make_scene(int number, int width, int height);

}  // namespace swarmcast::test
