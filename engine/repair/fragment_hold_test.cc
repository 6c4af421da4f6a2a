#include "engine/repair/fragment_hold.h"

#include <gtest/gtest.h>

namespace swarmcast::repair {
namespace {

Instant ms(int64_t v) { return Instant::from_ms(v); }
FrameId frame(uint32_t number) { return {kVideoTrack, FrameNumber(number)}; }
constexpr uint8_t kMessage[] = {1, 2, 3};

TEST(FragmentHold, GivesBackWhatIsOfTheFrameInOrder) {
  FragmentHold hold;
  EXPECT_TRUE(hold.oldest().is_never());
  for (uint32_t i = 0; i < 6; ++i) hold.add(ms(i), frame(i % 2), LinkSequence(i), kMessage);
  for (uint64_t expected : {1, 3, 5}) {
    const auto held = hold.take(frame(1));
    ASSERT_TRUE(held);
    EXPECT_EQ(held->sequence, LinkSequence(expected));
    EXPECT_EQ(held->message, std::vector<uint8_t>(std::begin(kMessage), std::end(kMessage)));
  }
  EXPECT_FALSE(hold.take(frame(1)));
  EXPECT_EQ(hold.size(), 3u);
  EXPECT_EQ(hold.oldest(), ms(0));
}

TEST(FragmentHold, DropsTheOldestWhenFull) {
  FragmentHold hold;
  for (uint32_t i = 0; i < FragmentHold::kCapacity; ++i)
    EXPECT_FALSE(hold.add(ms(0), frame(i), LinkSequence(i), kMessage));
  for (uint32_t i = 0; i < 1'000; ++i) {
    const auto dropped = hold.add(ms(1), frame(9'999), LinkSequence(9'999 + i), kMessage);
    ASSERT_TRUE(dropped);
    const uint32_t expected = i < FragmentHold::kCapacity ? i : 9'999 + i - FragmentHold::kCapacity;
    EXPECT_EQ(*dropped, LinkSequence(expected));
    ASSERT_EQ(hold.size(), FragmentHold::kCapacity);
  }
}

TEST(FragmentHold, ForgetsWhatIsNotProvenInTime) {
  FragmentHold hold;
  hold.add(ms(0), frame(1), LinkSequence(1), kMessage);
  hold.add(ms(500), frame(1), LinkSequence(2), kMessage);
  hold.expire(ms(0) + FragmentHold::kMaxAge);
  EXPECT_EQ(hold.size(), 2u);
  hold.expire(ms(1) + FragmentHold::kMaxAge);
  EXPECT_EQ(hold.size(), 1u);
  EXPECT_EQ(hold.take(frame(1))->sequence, LinkSequence(2));
}

}  // namespace
}  // namespace swarmcast::repair
