#include "engine/wire/tick.h"

#include <gtest/gtest.h>

#include "engine/wire/link_vectors_for_test.h"

namespace swarmcast::wire {
namespace {

TEST(Tick, FromVector) {
  const auto tick = parse_tick(link_vector("tick"));
  ASSERT_TRUE(tick);
  EXPECT_EQ(tick->last_sequence, 0xbeef);
  EXPECT_EQ(to_string(*tick), "tick, last sequence 48879");
}

TEST(Tick, RoundTrip) {
  Bytes<kTickSize> out;
  EXPECT_EQ(write_tick(out, {.last_sequence = 65'535}), kTickSize);
  EXPECT_EQ(parse_tick(out), (Tick{.last_sequence = 65'535}));
}

TEST(Tick, Malformed) {
  auto bytes = link_vector("tick");
  for (size_t n = 0; n < bytes.size(); ++n) EXPECT_FALSE(parse_tick(ByteSpan(bytes).first(n)));
  bytes.push_back(0);
  EXPECT_FALSE(parse_tick(bytes));
  const uint8_t other[] = {0x53, 0, 0};
  EXPECT_FALSE(parse_tick(other));
}

}  // namespace
}  // namespace swarmcast::wire
