#include "engine/wire/ping.h"

#include <gtest/gtest.h>

#include "engine/base/limits.h"
#include "engine/wire/link_vectors_for_test.h"

namespace swarmcast::wire {
namespace {

TEST(Ping, FromVector) {
  const auto bytes = link_vector("ping");
  const auto ping = parse_ping(bytes);
  ASSERT_TRUE(ping);
  EXPECT_EQ(*ping, (Ping{.id = 7, .sent_us = 12'345'678}));
  EXPECT_EQ(to_string(*ping), "ping 7, sent 12345678 us");
}

TEST(Pong, FromVector) {
  const auto bytes = link_vector("pong with clock");
  const auto pong = parse_pong(bytes);
  ASSERT_TRUE(pong);
  EXPECT_EQ(*pong,
            (Pong{.id = 7,
                  .sent_us = 12'345'678,
                  .clock = ClockReading{StreamTime::from_us(10'000'000), Duration::micros(2'000)},
                  .hold_us = 100}));
  EXPECT_EQ(to_string(*pong),
            "pong 7, sent 12345678 us, held 100 us, stream time 10000000 us within 2000 us");
  Bytes<kPongSize> out;
  EXPECT_EQ(write_pong(out, *pong), kPongSize);
  EXPECT_TRUE(equal(out, bytes));
}

TEST(Pong, WithoutClockFromVector) {
  auto bytes = link_vector("pong without clock");
  const auto pong = parse_pong(bytes);
  ASSERT_TRUE(pong);
  EXPECT_FALSE(pong->clock);
  Bytes<kPongSize> out;
  write_pong(out, *pong);
  EXPECT_TRUE(equal(out, bytes));
  bytes[12] = 1;
  EXPECT_FALSE(parse_pong(bytes)) << "a stream time without its flag";
}

TEST(Ping, RoundTrip) {
  const Ping ping{.id = 65'535, .sent_us = ~0u};
  Bytes<kPingSize> out;
  EXPECT_EQ(write_ping(out, ping), kPingSize);
  EXPECT_EQ(parse_ping(out), ping);
}

TEST(Pong, RoundTripSaturates) {
  Pong pong{.id = 1, .sent_us = 2, .clock = ClockReading{StreamTime::from_us(-5)}, .hold_us = 3};
  pong.clock->error = Duration::seconds(60);
  Bytes<kPongSize> out;
  write_pong(out, pong);
  auto parsed = parse_pong(out);
  ASSERT_TRUE(parsed && parsed->clock);
  EXPECT_EQ(parsed->clock->now, StreamTime());
  EXPECT_EQ(parsed->clock->error, Duration::micros((1 << 24) - 1));
  pong.clock = ClockReading{StreamTime::from_us(kMaxStreamTimeUs), Duration::micros(1)};
  write_pong(out, pong);
  EXPECT_EQ(parse_pong(out), pong);
}

TEST(Pong, Malformed) {
  for (const char* name : {"ping", "pong with clock"}) {
    auto bytes = link_vector(name);
    for (size_t n = 0; n < bytes.size(); ++n) {
      EXPECT_FALSE(parse_ping(ByteSpan(bytes).first(n))) << n;
      EXPECT_FALSE(parse_pong(ByteSpan(bytes).first(n))) << n;
    }
    bytes.push_back(0);
    EXPECT_FALSE(parse_ping(bytes));
    EXPECT_FALSE(parse_pong(bytes));
  }
  auto unknown_flag = link_vector("pong with clock");
  unknown_flag[1] = 0x03;
  EXPECT_FALSE(parse_pong(unknown_flag));
}

}  // namespace
}  // namespace swarmcast::wire
