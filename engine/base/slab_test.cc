#include "engine/base/slab.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "engine/base/random.h"
#include "host/platform/sodium_crypto.h"

namespace swarmcast {
namespace {

bool is_zero(ByteSpan bytes) {
  return std::ranges::all_of(bytes, [](uint8_t b) { return b == 0; });
}

class SlabTest : public testing::Test {
 protected:
  static constexpr size_t kSlot = 100;
  std::vector<uint8_t> memory_ = std::vector<uint8_t>(10 * kSlot + 50);
  Slab slab_{memory_, kSlot, platform::sodium_crypto()};
};

TEST_F(SlabTest, HoldsAsManySlotsAsFit) {
  EXPECT_EQ(slab_.capacity(), 10u);
  SlotId slot;
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(slab_.allocate(slot));
  EXPECT_FALSE(slab_.allocate(slot)) << "a full slab says no, it does not grow";
  EXPECT_EQ(slab_.available(), 0u);
  slab_.release(slot);
  EXPECT_TRUE(slab_.allocate(slot));
}

TEST_F(SlabTest, SlotsDoNotOverlap) {
  std::vector<SlotId> slots(10);
  for (size_t i = 0; i < slots.size(); ++i) {
    ASSERT_TRUE(slab_.allocate(slots[i]));
    std::ranges::fill(slab_.bytes(slots[i]), static_cast<uint8_t>(i + 1));
  }
  for (size_t i = 0; i < slots.size(); ++i) {
    EXPECT_EQ(slab_.bytes(slots[i]).size(), kSlot);
    for (uint8_t b : slab_.bytes(slots[i])) EXPECT_EQ(b, i + 1);
  }
}

TEST_F(SlabTest, AReleasedSlotIsWiped) {
  SlotId slot;
  ASSERT_TRUE(slab_.allocate(slot));
  const MutableByteSpan bytes = slab_.bytes(slot);
  std::ranges::fill(bytes, 0xaa);
  slab_.release(slot);
  EXPECT_TRUE(is_zero(bytes));
}

TEST_F(SlabTest, WipeAllZeroesAndForgets) {
  SlotId slot;
  while (slab_.allocate(slot)) std::ranges::fill(slab_.bytes(slot), 0xaa);
  slab_.wipe_all();
  EXPECT_TRUE(is_zero(memory_));
  EXPECT_EQ(slab_.available(), slab_.capacity());
}

TEST_F(SlabTest, TheEndWipesToo) {
  std::vector<uint8_t> memory(1'000);
  {
    Slab slab(memory, 100, platform::sodium_crypto());
    SlotId slot;
    ASSERT_TRUE(slab.allocate(slot));
    std::ranges::fill(slab.bytes(slot), 0xaa);
  }
  EXPECT_TRUE(is_zero(memory));
}

TEST_F(SlabTest, NeverGivesASlotTwice) {
  Prng random(1);
  std::set<uint32_t> held;
  for (int i = 0; i < 10'000; ++i) {
    SlotId slot;
    if (random.chance(0.5)) {
      if (!slab_.allocate(slot)) continue;
      EXPECT_TRUE(held.insert(slot.value()).second);
    } else if (!held.empty()) {
      slab_.release(SlotId(*held.begin()));
      held.erase(held.begin());
    }
    ASSERT_EQ(slab_.available() + held.size(), slab_.capacity());
  }
}

TEST_F(SlabTest, ForeignSlotsAreOurFault) { EXPECT_DEATH(slab_.bytes(SlotId(10)), ""); }

}  // namespace
}  // namespace swarmcast
