#include "test/support/picture.h"

#include <algorithm>
#include <cmath>

namespace swarmcast::test {

Thumbnail shrink(const uint8_t* y, int stride, int width, int height) {
  Thumbnail out;
  if (width < Thumbnail::kWidth || height < Thumbnail::kHeight) return out;
  out.luma.reserve(Thumbnail::kWidth * Thumbnail::kHeight);
  for (int row = 0; row < Thumbnail::kHeight; ++row) {
    const int top = row * height / Thumbnail::kHeight;
    const int bottom = (row + 1) * height / Thumbnail::kHeight;
    for (int column = 0; column < Thumbnail::kWidth; ++column) {
      const int left = column * width / Thumbnail::kWidth;
      const int right = (column + 1) * width / Thumbnail::kWidth;
      int sum = 0;
      for (int i = top; i < bottom; ++i) {
        for (int j = left; j < right; ++j) sum += y[i * stride + j];
      }
      out.luma.push_back(static_cast<uint8_t>(sum / ((bottom - top) * (right - left))));
    }
  }
  return out;
}

double psnr(const Thumbnail& a, const Thumbnail& b) {
  if (a.luma.empty() || a.luma.size() != b.luma.size()) return 0;
  double squares = 0;
  for (size_t i = 0; i < a.luma.size(); ++i) {
    const double difference = static_cast<double>(a.luma[i] - b.luma[i]);
    squares += difference * difference;
  }
  if (squares == 0) return 99;
  return 10 * std::log10(255.0 * 255.0 * static_cast<double>(a.luma.size()) / squares);
}

Picture420 make_scene(int number, int width, int height) {
  Picture420 picture{width, height, {}};
  const size_t luma_size = static_cast<size_t>(width) * static_cast<size_t>(height);
  picture.bytes.assign(luma_size * 3 / 2, 128);
  // A disc on a circular way over a drifting gradient: no two frames of a minute look alike.
  const double angle = number * 0.21;
  const double disc_x = width * (0.5 + 0.32 * std::cos(angle));
  const double disc_y = height * (0.5 + 0.32 * std::sin(angle));
  const double radius = height * 0.18;
  for (int row = 0; row < height; ++row) {
    for (int column = 0; column < width; ++column) {
      const double dx = column - disc_x, dy = row - disc_y;
      const bool inside = dx * dx + dy * dy < radius * radius;
      const int wave = (column * 96 / width + row * 64 / height + number) % 160;
      const int gradient = 48 + (wave < 80 ? wave : 160 - wave);
      picture.bytes[static_cast<size_t>(row * width + column)] =
          static_cast<uint8_t>(inside ? 220 : gradient);
    }
  }
  return picture;
}

}  // namespace swarmcast::test
