#include "sim/world/payload_pool.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/base/random.h"

namespace swarmcast::sim {
namespace {

using Message = std::vector<uint8_t>;

// Two messages are alike if they have the same content; `hop`: another header for every link.
Message message(uint8_t content, uint8_t hop, size_t size = 1'000) {
  Message out(size, content);
  std::fill_n(out.begin(), kHopHeaderSize, hop);
  return out;
}

ByteSpan behind_hop_header(ByteSpan bytes) { return bytes.subspan(kHopHeaderSize); }

TEST(PayloadPool, KeepsOnceWhatDiffersOnlyInItsHopHeader) {
  PayloadPool pool;
  const auto a = pool.add(message(7, 1));
  EXPECT_EQ(pool.add(message(7, 2)), a);
  EXPECT_NE(pool.add(message(8, 1)), a);
  EXPECT_NE(pool.add(message(7, 1, 999)), a);
  EXPECT_EQ(pool.size(), 3u);
}

TEST(PayloadPool, TellsMessagesApartWhoseHeadersAreAlike) {
  PayloadPool pool;
  Message other = message(7, 1);
  other.back() ^= 1;
  EXPECT_NE(pool.add(message(7, 1)), pool.add(other));
}

TEST(PayloadPool, SeesWhatWasAlteredAndWhatWasWrittenBehind) {
  PayloadPool pool;
  const auto id = pool.add(message(7, 1));
  pool.bytes(id)[kHopHeaderSize - 1] ^= 1;
  EXPECT_TRUE(pool.is_intact()) << "hop headers are everybody's own";
  pool.bytes(id)[500] ^= 1;
  EXPECT_FALSE(pool.is_intact());
  pool.bytes(id)[500] ^= 1;
  EXPECT_TRUE(pool.is_intact());
  *(pool.bytes(id).data() + kMaxMessageSize) ^= 1;
  EXPECT_FALSE(pool.is_intact());
}

// Engines that fill and wipe at random find what they filled in, and leave nothing behind.
TEST(PayloadPool, HoldsForEachWhatItFilledIn) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    PayloadPool pool;
    Prng random(seed);
    constexpr size_t kSlots = 50;
    std::vector<std::unique_ptr<SharedMemory>> engines;
    std::vector<std::vector<int>> expected(4, std::vector<int>(kSlots, -1));
    for (size_t i = 0; i < expected.size(); ++i)
      engines.push_back(std::make_unique<SharedMemory>(pool, kSlots));
    for (int step = 0; step < 5'000; ++step) {
      const size_t e = random.below(engines.size());
      const auto slot = static_cast<uint32_t>(random.below(kSlots));
      int& content = expected[e][slot];
      if (content >= 0) {
        const Message m = message(static_cast<uint8_t>(content), 0);
        const ByteSpan held = ByteSpan(engines[e]->bytes(SlotId(slot))).first(m.size());
        ASSERT_TRUE(equal(behind_hop_header(held), behind_hop_header(m)));
        engines[e]->wipe(SlotId(slot));
        content = -1;
      } else {
        content = static_cast<int>(random.below(100));
        engines[e]->fill(SlotId(slot), message(static_cast<uint8_t>(content), 9));
      }
      ASSERT_LE(pool.size(), 100u);
    }
    EXPECT_TRUE(pool.is_intact());
    engines.clear();
    EXPECT_EQ(pool.size(), 0u);
  }
}

TEST(PayloadPool, GrowsToWhatIsHeldAtOnce) {
  PayloadPool pool;
  for (uint32_t round = 0; round < 20; ++round) {
    std::vector<PayloadPool::Id> ids;
    for (uint32_t i = 0; i < 3'000; ++i) {
      Message m = message(1, 1, 100);
      std::memcpy(m.data() + kHopHeaderSize, &i, sizeof i);
      ids.push_back(pool.add(m));
    }
    for (const auto id : ids) pool.release(id);
  }
  EXPECT_LT(pool.capacity(), 3'500u);
  EXPECT_EQ(pool.size(), 0u);
}

}  // namespace
}  // namespace swarmcast::sim
