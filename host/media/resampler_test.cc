#include "host/media/resampler.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace swarmcast::media {
namespace {

FramePtr silence(int sample_rate, int samples) {
  FramePtr out = new_frame();
  out->format = AV_SAMPLE_FMT_S16;
  out->sample_rate = sample_rate;
  out->nb_samples = samples;
  av_channel_layout_default(&out->ch_layout, 1);
  if (av_frame_get_buffer(out.get(), 0) < 0) return nullptr;
  std::fill_n(out->data[0], samples * 2, uint8_t{0});
  return out;
}

int packets_of(const AVFrame& frame) {
  Resampler resampler;
  resampler.push(frame, 0);
  int out = 0;
  while (resampler.pop()) ++out;
  return out;
}

TEST(ResamplerTest, MakesPacketsOfTwentyMilliseconds) {
  EXPECT_NEAR(packets_of(*silence(8'000, 8'000)), 50, 1);
  EXPECT_NEAR(packets_of(*silence(96'000, 96'000)), 50, 1);
}

// A sample a second is what a file may claim: a hundred of them would be ten megabytes.
TEST(ResamplerTest, AFrameOutOfAllProportionIsLeftOut) {
  EXPECT_EQ(packets_of(*silence(1, 32)), 0);
  EXPECT_EQ(packets_of(*silence(50, 2'048)), 0);
  EXPECT_NE(packets_of(*silence(8'000, 65'536)), 0);
}

}  // namespace
}  // namespace swarmcast::media
