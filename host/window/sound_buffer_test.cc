#include "host/window/sound_buffer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace swarmcast::window {
namespace {

using media::kAudioPacketSamples;
using media::PcmPacket;

constexpr int64_t kStart = 1'000'000;
constexpr size_t kPull = 480;  // 10 ms

// A packet whose samples say which packet it is.
PcmPacket packet(int number) {
  PcmPacket out;
  out.fill(static_cast<int16_t>(100 + number));
  return out;
}

// When, by the card's clock, packet `number` is first heard; -1 = never. The card runs `drift`
// faster than ours, packets come 100 ms before their moment.
struct Playback {
  explicit Playback(int packets, double drift, int64_t (*moment)(int)) {
    std::vector<int16_t> out(kPull);
    int pushed = 0;
    double now = kStart - 200'000;
    heard.assign(static_cast<size_t>(packets), -1);
    while (now < static_cast<double>(moment(packets - 1) + 100'000)) {
      for (; pushed < packets && static_cast<double>(moment(pushed)) < now + 100'000; ++pushed)
        buffer.push(packet(pushed), moment(pushed));
      buffer.pull(out, static_cast<int64_t>(now));
      for (size_t i = 0; i < out.size(); ++i) {
        const int number = out[i] - 100;
        if (number < 0 || number >= packets || heard[static_cast<size_t>(number)] >= 0) continue;
        heard[static_cast<size_t>(number)] =
            static_cast<int64_t>(now + static_cast<double>(i) * 1e6 / 48'000);
      }
      now += 10'000 / (1 + drift);
    }
  }
  SoundBuffer buffer;
  std::vector<int64_t> heard;
};

int64_t steady(int number) { return kStart + number * 20'000; }

TEST(SoundBufferTest, EachPacketIsHeardAtItsMoment) {
  const Playback run(200, 0, steady);
  for (int n = 0; n < 200; ++n) EXPECT_NEAR(run.heard[static_cast<size_t>(n)], steady(n), 1'000);
}

TEST(SoundBufferTest, FollowsACardThatIsFastOrSlow) {
  for (const double drift : {-0.005, 0.005, 0.02}) {
    const Playback run(3'000, drift, steady);
    for (int n = 0; n < 3'000; ++n)
      ASSERT_NEAR(run.heard[static_cast<size_t>(n)], steady(n), 15'000) << n << " at " << drift;
  }
}

TEST(SoundBufferTest, ALostPacketIsSilentAndTheNextInTime) {
  const auto gap = [](int n) { return steady(n) + (n >= 50 ? 200'000 : 0); };
  const Playback run(100, 0, gap);
  EXPECT_NEAR(run.heard[49], gap(49), 2'000);
  EXPECT_NEAR(run.heard[50], gap(50), 2'000);
  EXPECT_NEAR(run.heard[99], gap(99), 2'000);
}

TEST(SoundBufferTest, WhatComesTooLateIsLeftOut) {
  SoundBuffer buffer;
  for (int n = 0; n < 20; ++n) buffer.push(packet(n), steady(n));
  std::vector<int16_t> out(kPull);
  buffer.pull(out, steady(10) + 5'000);
  EXPECT_EQ(out[0], 110);
}

TEST(SoundBufferTest, TheEngineMayChangeItsDelay) {
  // 2 % slower for 2 s, as when the playout delay grows.
  const auto growing = [](int n) { return steady(n) + std::min(n, 100) * 400; };
  const Playback run(300, 0, growing);
  for (int n = 0; n < 300; ++n)
    ASSERT_NEAR(run.heard[static_cast<size_t>(n)], growing(n), 20'000) << n;
}

TEST(SoundBufferTest, NothingIsSilence) {
  SoundBuffer buffer;
  std::vector<int16_t> out(kPull, 7);
  buffer.pull(out, kStart);
  EXPECT_EQ(out, std::vector<int16_t>(kPull, 0));
}

}  // namespace
}  // namespace swarmcast::window
