#include "engine/repair/fragment_hold.h"

#include <gtest/gtest.h>

#include <deque>
#include <vector>

#include "engine/base/times_for_test.h"

namespace swarmcast::repair {
namespace {

FrameId frame(uint32_t number) { return {kVideoTrack, FrameNumber(number)}; }
constexpr uint8_t kMessage[] = {1, 2, 3};

TEST(FragmentHold, GivesBackWhatIsOfTheFrameInOrder) {
  FragmentHold hold;
  EXPECT_TRUE(hold.oldest(at(0)).is_never());
  for (uint32_t i = 0; i < 6; ++i) hold.add(at(i), frame(i % 2), LinkSequence(i), kMessage);
  for (uint64_t expected : {1, 3, 5}) {
    const auto held = hold.take(frame(1));
    ASSERT_TRUE(held);
    EXPECT_EQ(held->sequence, LinkSequence(expected));
    EXPECT_TRUE(equal(held->message, kMessage));
  }
  EXPECT_FALSE(hold.take(frame(1)));
  EXPECT_EQ(hold.size(), 3u);
  EXPECT_EQ(hold.oldest(at(6)), at(0));
}

TEST(FragmentHold, DropsTheOldestWhenFull) {
  FragmentHold hold;
  for (uint32_t i = 0; i < FragmentHold::kCapacity; ++i)
    EXPECT_FALSE(hold.add(at(0), frame(i), LinkSequence(i), kMessage));
  for (uint32_t i = 0; i < 1'000; ++i) {
    const auto dropped = hold.add(at(1), frame(9'999), LinkSequence(9'999 + i), kMessage);
    ASSERT_TRUE(dropped);
    const uint32_t expected = i < FragmentHold::kCapacity ? i : 9'999 + i - FragmentHold::kCapacity;
    EXPECT_EQ(*dropped, LinkSequence(expected));
    ASSERT_EQ(hold.size(), FragmentHold::kCapacity);
  }
}

// Each place is used again and again; a message is never another's.
TEST(FragmentHold, KeepsMessagesApart) {
  FragmentHold hold;
  std::deque<uint32_t> expected;
  for (uint32_t i = 0; i < 10 * FragmentHold::kCapacity; ++i) {
    const std::vector<uint8_t> message(i % kMaxMessageSize + 1, static_cast<uint8_t>(i));
    if (hold.add(at(0), frame(i), LinkSequence(i), message)) expected.pop_front();
    expected.push_back(i);
    if (i % 3 != 0) continue;
    const uint32_t middle = expected[expected.size() / 2];
    const auto held = hold.take(frame(middle));
    ASSERT_TRUE(held);
    ASSERT_EQ(held->message.size(), middle % kMaxMessageSize + 1);
    for (const uint8_t byte : held->message) ASSERT_EQ(byte, static_cast<uint8_t>(middle));
    std::erase(expected, middle);
  }
  EXPECT_EQ(hold.size(), expected.size());
}

// Nothing need come for what is too old to be passed over.
TEST(FragmentHold, TheOldestIsOneThatMayStillBeProven) {
  FragmentHold hold;
  hold.add(at(0), frame(1), LinkSequence(1), kMessage);
  hold.add(at(500), frame(2), LinkSequence(2), kMessage);
  EXPECT_EQ(hold.oldest(at(0) + FragmentHold::kMaxAge), at(0));
  EXPECT_EQ(hold.oldest(at(1) + FragmentHold::kMaxAge), at(500));
  EXPECT_TRUE(hold.oldest(at(501) + FragmentHold::kMaxAge).is_never());
}

TEST(FragmentHold, ForgetsWhatIsNotProvenInTime) {
  FragmentHold hold;
  hold.add(at(0), frame(1), LinkSequence(1), kMessage);
  hold.add(at(500), frame(1), LinkSequence(2), kMessage);
  hold.expire(at(0) + FragmentHold::kMaxAge);
  EXPECT_EQ(hold.size(), 2u);
  hold.expire(at(1) + FragmentHold::kMaxAge);
  EXPECT_EQ(hold.size(), 1u);
  EXPECT_EQ(hold.take(frame(1))->sequence, LinkSequence(2));
}

TEST(FragmentHold, TakesMemoryForWhatWasHeldAtOnce) {
  FragmentHold hold;
  EXPECT_EQ(hold.places(), 0u);
  for (uint32_t i = 0; i < 1'000; ++i) {
    hold.add(at(i), frame(1), LinkSequence(2 * i), kMessage);
    hold.add(at(i), frame(1), LinkSequence(2 * i + 1), kMessage);
    while (hold.take(frame(1))) {
    }
  }
  EXPECT_EQ(hold.places(), 2u);
  for (uint32_t i = 0; i < 1'000; ++i) hold.add(at(0), frame(i), LinkSequence(i), kMessage);
  EXPECT_EQ(hold.places(), FragmentHold::kCapacity);
}

}  // namespace
}  // namespace swarmcast::repair
