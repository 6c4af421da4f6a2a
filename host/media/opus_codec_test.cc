#include "host/media/opus_codec.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "host/media/test_picture.h"

namespace swarmcast::media {
namespace {

double loudness(const PcmPacket& samples) {
  double sum = 0;
  for (int16_t s : samples) sum += static_cast<double>(s) * s;
  return std::sqrt(sum / static_cast<double>(samples.size()));
}

PcmPacket sine(int packet, double frequency) {
  PcmPacket samples;
  for (size_t i = 0; i < samples.size(); ++i) {
    const double at = packet * kAudioPacketSamples + static_cast<double>(i);
    samples[i] = static_cast<int16_t>(
        8000 * std::sin(2 * std::numbers::pi * frequency * at / kAudioSampleRate));
  }
  return samples;
}

// Crossings from below to above zero: the frequency, times 20 ms.
int crossings(const PcmPacket& samples) {
  int count = 0;
  for (size_t i = 1; i < samples.size(); ++i) count += samples[i - 1] < 0 && samples[i] >= 0;
  return count;
}

TEST(OpusTest, ToneComesThroughAtItsPitchAndLoudness) {
  auto encoder = SoundEncoder::create();
  auto decoder = SoundDecoder::create();
  size_t bytes = 0;
  for (int n = 0; n < 100; ++n) {
    const ByteSpan packet = encoder->encode(sine(n, 1000));
    ASSERT_FALSE(packet.empty());
    bytes += packet.size();
    const auto out = decoder->decode(packet);
    ASSERT_TRUE(out);
    if (n < 10) continue;
    EXPECT_NEAR(crossings(*out), 20, 1);
    EXPECT_NEAR(loudness(*out), 8000 / std::sqrt(2), 1500);
  }
  EXPECT_LT(static_cast<double>(bytes) * 8 / 2 / 1000, 40) << "kbit/s";
}

TEST(OpusTest, LossIsConcealedAndDamageRefused) {
  auto encoder = SoundEncoder::create();
  auto decoder = SoundDecoder::create();
  for (int n = 0; n < 20; ++n) ASSERT_TRUE(decoder->decode(encoder->encode(sine(n, 440))));
  const auto concealed = decoder->decode({});
  ASSERT_TRUE(concealed);
  EXPECT_GT(loudness(*concealed), 1000);
  const std::vector<uint8_t> garbage(50, 0xff);
  EXPECT_FALSE(decoder->decode(garbage));
}

TEST(TestToneTest, BeepsInTheFirstTenthOfEachSecond) {
  for (int packet = 0; packet < 150; ++packet) {
    const bool beeps = packet % 50 < 5;
    const double level = loudness(test_tone(int64_t{packet} * kAudioPacketSamples));
    EXPECT_EQ(level > 1000, beeps) << packet;
    EXPECT_EQ(level == 0, !beeps) << packet;
  }
}

}  // namespace
}  // namespace swarmcast::media
