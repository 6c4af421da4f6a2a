#include "engine/wire/stream_description.h"

#include <gtest/gtest.h>

#include "engine/base/limits.h"
#include "engine/base/random.h"
#include "test/support/known_answers.h"

namespace swarmcast::wire {
namespace {

using Encoded = Bytes<body::Welcome::kStreamSize>;

Encoded encoded(const KnownAnswer& v) {
  return array_from_hex<body::Welcome::kStreamSize>(v.at("bytes"));
}

TEST(StreamDescription, FromVector) {
  for (const auto& v : known_answers("control").at("valid_streams")) {
    SCOPED_TRACE(v.at("name").get<std::string>());
    const auto stream = SignedStream::parse(encoded(v));
    ASSERT_TRUE(stream);
    EXPECT_EQ(stream->encode(), encoded(v));
  }
  const auto usual = SignedStream::parse(encoded(known_answers("control").at("valid_streams")[0]));
  EXPECT_EQ(*usual, (SignedStream{.revision = 3,
                                  .term = 0,
                                  .description = {1280, 720, 20, 2, Duration::millis(300)}}));
}

TEST(StreamDescription, InvalidVectorsAreRefused) {
  for (const auto& v : known_answers("control").at("invalid_streams"))
    EXPECT_FALSE(SignedStream::parse(encoded(v))) << v.at("name");
}

TEST(StreamDescription, RoundTrip) {
  Prng random(1);
  for (int i = 0; i < 1'000; ++i) {
    const auto even = [&] { return static_cast<uint16_t>(2 * (8 + random.below(3'833))); };
    const int64_t span = (kMaxPlayout - kMinPlayout).us();
    const SignedStream stream{
        .revision = static_cast<uint16_t>(random.next()),
        .term = static_cast<uint8_t>(random.next()),
        .description = {
            .width = even(),
            .height = even(),
            .fps = static_cast<uint8_t>(1 + random.below(120)),
            .audio_channels = static_cast<uint8_t>(random.below(3)),
            .playout = random.chance(0.3)
                           ? Duration()
                           : kMinPlayout + Duration::micros(static_cast<int64_t>(
                                               random.below(static_cast<uint64_t>(span) + 1))),
            .codec = static_cast<VideoCodec>(1 + random.below(255))}};
    const auto parsed = SignedStream::parse(stream.encode());
    ASSERT_TRUE(parsed) << i;
    EXPECT_EQ(*parsed, stream) << i;
  }
}

TEST(StreamDescription, SoundOnlyHasNoSize) {
  SignedStream sound{.description = {.width = 0, .height = 0, .fps = 0, .audio_channels = 1}};
  sound.description.codec = VideoCodec::kNone;
  EXPECT_EQ(SignedStream::parse(sound.encode()), sound);
}

TEST(StreamDescription, WhatIsAcceptedIsCanonical) {
  Prng random(2);
  for (int i = 0; i < 50'000; ++i) {
    Encoded bytes = SignedStream{}.encode();
    for (uint64_t n = 1 + random.below(3); n > 0; --n)
      bytes[random.below(bytes.size())] = static_cast<uint8_t>(random.next());
    const auto stream = SignedStream::parse(bytes);
    if (stream) {
      EXPECT_EQ(stream->encode(), bytes);
    }
  }
}

}  // namespace
}  // namespace swarmcast::wire
