#include "host/media/test_picture.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

#include "host/stamp/stamp.h"

namespace swarmcast::media {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kFlash = 100'000;  // microseconds of light and sound in each second

// Enough for 2 Mbit/s at 640x360 and 20 pictures a second.
constexpr int kGrain = 4;  // largest deviation of a sample
constexpr size_t kGrainSamples = 1 << 16;

// Position of a point that runs `speed` samples a second between 0 and `range` and back.
int bounce(int64_t elapsed_us, int speed, int range) {
  if (range <= 0) return 0;
  const int64_t way = elapsed_us * speed / kSecond % (2 * range);
  return static_cast<int>(way < range ? way : 2 * range - way);
}

// Seven-segment digits: top, upper right, lower right, bottom, lower left, upper left, middle.
constexpr uint8_t kSegments[10] = {0b0111111, 0b0000110, 0b1011011, 0b1001111, 0b1100110,
                                   0b1101101, 0b1111101, 0b0000111, 0b1111111, 0b1101111};

}  // namespace

TestPicture::TestPicture(int width, int height)
    : width_(width),
      height_(height),
      background_(static_cast<size_t>(width) * static_cast<size_t>(height) * 3 / 2) {
  draw_background();
  std::minstd_rand random;
  grain_.resize(kGrainSamples + static_cast<size_t>(width));
  for (int8_t& g : grain_)
    g = static_cast<int8_t>(static_cast<int>(random() >> 8) % (2 * kGrain + 1) - kGrain);
}

void TestPicture::draw_background() {
  picture_.assign(background_.size(), 0);
  for (int y = 0; y < height_; y += 2) {
    const auto shade = static_cast<uint8_t>(50 + 60 * y / height_);
    fill(0, y, width_, 2, {shade, 138, 118});
  }
  // Colour bars over the lower third's rim, as something with sharp edges and colour.
  constexpr Colour kBars[] = {{180, 128, 128}, {162, 44, 142}, {131, 156, 44}, {112, 72, 58},
                              {84, 184, 198},  {65, 100, 212}, {35, 212, 114}, {16, 128, 128}};
  const int bar = width_ / 8 / 2 * 2;
  for (int i = 0; i < 8; ++i)
    fill(i * bar, height_ * 3 / 4, i == 7 ? width_ - 7 * bar : bar, height_ / 10, kBars[i]);
  fill(0, 0, width_, stamp_height(height_), {16, 128, 128});
  background_ = picture_;
}

// Rounds to whole chroma samples and clips to the picture.
void TestPicture::fill(int left, int top, int width, int height, Colour colour) {
  const int x0 = std::clamp(left, 0, width_) & ~1;
  const int x1 = std::clamp(left + width, 0, width_) & ~1;
  const int y0 = std::clamp(top, 0, height_) & ~1;
  const int y1 = std::clamp(top + height, 0, height_) & ~1;
  if (x0 >= x1) return;
  uint8_t* luma = picture_.data();
  uint8_t* u = luma + ptrdiff_t{width_} * height_;
  uint8_t* v = u + ptrdiff_t{width_ / 2} * (height_ / 2);
  for (int y = y0; y < y1; ++y)
    std::fill(luma + ptrdiff_t{y} * width_ + x0, luma + ptrdiff_t{y} * width_ + x1, colour.y);
  for (int y = y0 / 2; y < y1 / 2; ++y) {
    const ptrdiff_t row = ptrdiff_t{y} * (width_ / 2);
    std::fill(u + row + x0 / 2, u + row + x1 / 2, colour.u);
    std::fill(v + row + x0 / 2, v + row + x1 / 2, colour.v);
  }
}

void TestPicture::disc(int centre_x, int centre_y, int radius, Colour colour) {
  for (int dy = -radius; dy < radius; dy += 2) {
    const int half = static_cast<int>(std::sqrt(radius * radius - dy * dy));
    fill(centre_x - half, centre_y + dy, 2 * half, 2, colour);
  }
}

// `size` is the digit's height; it is half as wide.
void TestPicture::digit(int left, int top, int size, int value) {
  constexpr Colour kWhite{225, 128, 128};
  const int thick = std::max(2, size / 8);
  const int half = size / 2;
  const uint8_t on = kSegments[value];
  if (on & 1) fill(left, top, half, thick, kWhite);
  if (on & 2) fill(left + half - thick, top, thick, half, kWhite);
  if (on & 4) fill(left + half - thick, top + half, thick, size - half, kWhite);
  if (on & 8) fill(left, top + size - thick, half, thick, kWhite);
  if (on & 16) fill(left, top + half, thick, size - half, kWhite);
  if (on & 32) fill(left, top, thick, half, kWhite);
  if (on & 64) fill(left, top + half - thick / 2, half, thick, kWhite);
}

// MM:SS.t in the middle of the picture.
void TestPicture::clock(int64_t elapsed_us) {
  const int size = height_ / 5;
  const int step = size * 11 / 16;
  const int dot = std::max(2, size / 8);
  const auto tenths = static_cast<int>(elapsed_us / (kSecond / 10) % 36'000);
  const int digits[] = {tenths / 6000, tenths / 600 % 10, tenths / 100 % 6, tenths / 10 % 10,
                        tenths % 10};
  int x = (width_ - step * 6) / 2;
  const int top = height_ / 3;
  fill(x - dot * 2, top - dot * 2, step * 6 + dot * 4, size + dot * 4, {28, 128, 128});
  for (int i = 0; i < 5; ++i) {
    digit(x, top, size, digits[i]);
    x += step;
    if (i == 1) {
      fill(x, top + size / 4, dot, dot, {225, 128, 128});
      fill(x, top + size * 5 / 8, dot, dot, {225, 128, 128});
      x += step / 2;
    }
    if (i == 3) {
      fill(x, top + size - dot, dot, dot, {225, 128, 128});
      x += step / 2;
    }
  }
}

// Every row takes another piece of the same noise each time.
void TestPicture::grain(int64_t elapsed_us) {
  std::minstd_rand random(static_cast<unsigned>(elapsed_us / 1'000 + 1));
  for (int y = stamp_height(height_); y < height_; ++y) {
    uint8_t* row = picture_.data() + ptrdiff_t{y} * width_;
    const int8_t* noise = grain_.data() + (random() >> 4) % kGrainSamples;
    for (int x = 0; x < width_; ++x) row[x] = static_cast<uint8_t>(row[x] + noise[x]);
  }
}

PictureView TestPicture::draw(int64_t elapsed_us, int64_t captured_us) {
  std::copy(background_.begin(), background_.end(), picture_.begin());
  const int top = stamp_height(height_);
  // A bright band crosses the lower edge every four seconds.
  const int band_left = static_cast<int>(elapsed_us * width_ / (4 * kSecond) % width_);
  fill(band_left, height_ * 9 / 10, width_ / 6, height_ / 10, {200, 90, 160});
  const int radius = height_ / 10;
  disc(radius + bounce(elapsed_us, width_ / 3, width_ - 2 * radius),
       top + radius + bounce(elapsed_us, height_ / 4, height_ * 3 / 4 - top - 2 * radius), radius,
       {150, 60, 190});
  clock(elapsed_us);
  if (elapsed_us % kSecond < kFlash)
    fill(width_ * 7 / 8, height_ / 6, width_ / 10, height_ / 8, {235, 128, 128});
  grain(elapsed_us);
  write_stamp(picture_.data(), static_cast<size_t>(width_), width_, height_,
              static_cast<uint64_t>(captured_us) & kMaxStamp);

  const ptrdiff_t luma_size = ptrdiff_t{width_} * height_;
  return {
      {picture_.data(), picture_.data() + luma_size, picture_.data() + luma_size + luma_size / 4},
      {width_, width_ / 2, width_ / 2}};
}

PcmPacket test_tone(int64_t first) {
  constexpr double kFrequency = 1'000;
  constexpr double kLoudness = 6'000;
  constexpr int64_t kBeep = kFlash * kAudioSampleRate / kSecond;
  PcmPacket samples{};
  for (size_t i = 0; i < samples.size(); ++i) {
    const int64_t at = (first + static_cast<int64_t>(i)) % kAudioSampleRate;
    if (at >= kBeep) continue;
    const double phase = 2 * std::numbers::pi * kFrequency * static_cast<double>(at);
    samples[i] = static_cast<int16_t>(kLoudness * std::sin(phase / kAudioSampleRate));
  }
  return samples;
}

}  // namespace swarmcast::media
