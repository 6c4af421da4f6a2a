#include "engine/overlay/shunned.h"

#include <gtest/gtest.h>

namespace swarmcast::overlay {
namespace {

Contact peer_at(uint16_t port) { return {.endpoint = {.port = port}}; }
constexpr Instant kNow = Instant::from_ms(1'000);

TEST(Shunned, AreAskedAgainInTimeOrInDespair) {
  Shunned shunned;
  shunned.add(kNow, peer_at(1), Shunned::Why::kWithheld);
  shunned.add(kNow, peer_at(2), Shunned::Why::kForged);
  EXPECT_TRUE(shunned.contains(kNow, peer_at(1), false));
  EXPECT_FALSE(shunned.contains(kNow, peer_at(1), true));
  EXPECT_FALSE(shunned.contains(kNow + kWithheldTime, peer_at(1), false));
  EXPECT_TRUE(shunned.contains(kNow + kWithheldTime, peer_at(2), true));
  EXPECT_FALSE(shunned.contains(kNow + kForgedTime, peer_at(2), false));
  EXPECT_FALSE(shunned.contains(kNow, peer_at(3), false));
}

TEST(Shunned, AreOnlySoMany) {
  Shunned shunned;
  shunned.add(kNow, peer_at(1), Shunned::Why::kForged);
  for (uint16_t i = 0; i < 2 * kMaxShunned; ++i)
    shunned.add(kNow, peer_at(static_cast<uint16_t>(100 + i)), Shunned::Why::kWithheld);
  EXPECT_TRUE(shunned.contains(kNow, peer_at(1), false)) << "the others are over sooner";
  EXPECT_FALSE(shunned.contains(kNow, peer_at(100), false));
}

}  // namespace
}  // namespace swarmcast::overlay
