#include "engine/crypto/epochs.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/base/random.h"
#include "engine/crypto/sodium_for_test.h"

namespace swarmcast::crypto {
namespace {

StreamTime at_s(int64_t s) { return StreamTime::from_us(s * 1'000'000); }

EpochKey epoch(uint32_t number, int64_t start_s, uint8_t term = 0) {
  return {.term = term,
          .number = EpochNumber(number),
          .starts_at = at_s(start_s),
          .key = {static_cast<uint8_t>(number), term, 0xab}};
}

class EpochRingTest : public testing::Test {
 protected:
  EpochRing ring_{sodium()};
  using Added = EpochRing::Added;

  // Number of the epoch in force, or -1.
  int64_t current(int64_t s) const {
    const EpochKey* e = ring_.current(at_s(s));
    return e ? int64_t{e->number.value()} : -1;
  }
  bool finds(uint8_t low, int64_t capture_s) const {
    return ring_.find(low, at_s(capture_s)) != nullptr;
  }
};

TEST_F(EpochRingTest, GivesTheEpochInForce) {
  EXPECT_EQ(current(5), -1);
  EXPECT_EQ(ring_.add(epoch(8, 80)), Added::kNew);
  EXPECT_EQ(ring_.add(epoch(7, 70)), Added::kNew) << "a joiner gets them in any order";
  EXPECT_EQ(ring_.add(epoch(9, 90)), Added::kNew);
  EXPECT_EQ(current(69), -1);
  EXPECT_EQ(current(70), 7);
  EXPECT_EQ(current(85), 8);
  EXPECT_EQ(current(1'000), 9);
}

TEST_F(EpochRingTest, FindsByLowByteAndRefusesStaleEpochs) {
  ring_.add(epoch(0x107, 70));
  ring_.add(epoch(0x108, 80));
  EXPECT_TRUE(finds(7, 75));
  EXPECT_FALSE(finds(7, 80)) << "its successor is in force";
  EXPECT_FALSE(finds(8, 79)) << "not yet in force";
  EXPECT_TRUE(finds(8, 80));
  EXPECT_FALSE(finds(9, 80));
}

TEST_F(EpochRingTest, RefusesContradictions) {
  ring_.add(epoch(7, 70));
  EXPECT_EQ(ring_.add(epoch(7, 70)), Added::kKnown);
  EpochKey other_key = epoch(7, 70);
  other_key.key[31] ^= 1;
  EXPECT_EQ(ring_.add(other_key), Added::kConflict);
  EXPECT_EQ(ring_.add(epoch(7, 71)), Added::kConflict);
  EXPECT_EQ(ring_.add(epoch(8, 70)), Added::kConflict) << "later number, same start";
  EXPECT_EQ(ring_.add(epoch(6, 75)), Added::kConflict) << "earlier number, later start";
  EXPECT_EQ(ring_.size(), 1u);
  EXPECT_EQ(ring_.at(0).key, epoch(7, 70).key);
}

TEST_F(EpochRingTest, ANewTermOutranksWhatTheOldOneAnnounced) {
  ring_.add(epoch(7, 70, 0));
  ring_.add(epoch(8, 80, 0));
  EXPECT_EQ(ring_.add(epoch(8, 75, 1)), Added::kNew);
  EXPECT_EQ(ring_.current(at_s(90))->term, 1);
  EXPECT_EQ(ring_.current(at_s(74))->term, 0);
  EXPECT_EQ(ring_.find(8, at_s(90))->term, 1);
}

TEST_F(EpochRingTest, IsBounded) {
  for (uint32_t n = 10; n < 20; ++n) EXPECT_EQ(ring_.add(epoch(n, n * 10)), Added::kNew);
  EXPECT_EQ(ring_.size(), EpochRing::kCapacity);
  EXPECT_EQ(ring_.at(0).number, EpochNumber(16)) << "the oldest go first";
  EXPECT_EQ(ring_.add(epoch(3, 30)), Added::kStale);
  EXPECT_EQ(ring_.at(0).number, EpochNumber(16));
}

TEST_F(EpochRingTest, ExpiresWhatNoFrameCanNeed) {
  ring_.add(epoch(7, 70));
  ring_.add(epoch(8, 80));
  ring_.add(epoch(9, 90));
  ring_.expire(at_s(79));
  EXPECT_EQ(ring_.size(), 3u);
  ring_.expire(at_s(80));
  EXPECT_EQ(ring_.size(), 2u);
  ring_.expire(at_s(1'000));
  EXPECT_EQ(ring_.size(), 1u) << "the last stays in force";
  EXPECT_EQ(current(1'000), 9);
}

// Every key ever put in is gone from the ring's memory once the ring has given it up.
TEST(EpochRing, WipesKeys) {
  alignas(EpochRing) Bytes<sizeof(EpochRing)> memory{};
  auto* ring = new (memory.data()) EpochRing(sodium());
  auto holds = [&](uint32_t number) {
    return !std::ranges::search(memory, epoch(number, number * 10).key).empty();
  };
  for (uint32_t n = 1; n <= 6; ++n) ring->add(epoch(n, n * 10));
  EXPECT_FALSE(holds(1) || holds(2));
  EXPECT_TRUE(holds(3) && holds(4) && holds(5) && holds(6));
  ring->expire(at_s(55));
  EXPECT_FALSE(holds(3) || holds(4));
  EXPECT_TRUE(holds(5) && holds(6));
  ring->add(epoch(7, 70));
  ring->expire(at_s(70));
  EXPECT_FALSE(holds(5) || holds(6)) << "no copy left behind by moving";
  EXPECT_TRUE(holds(7));
  ring->wipe();
  EXPECT_FALSE(holds(7));
  EXPECT_EQ(ring->size(), 0u);
  ring->add(epoch(8, 80));
  ring->~EpochRing();
  EXPECT_FALSE(holds(8));
}

TEST(EpochRing, StaysSortedAndKeepsTheNewestInAnyOrder) {
  constexpr uint64_t kSeed = 99;
  Prng random(kSeed);
  for (int round = 0; round < 2'000; ++round) {
    EpochRing ring(sodium());
    uint32_t highest = 0;
    for (int i = 0; i < 8; ++i) {
      const auto n = static_cast<uint32_t>(random.below(12));
      highest = std::max(highest, n);
      ring.add(epoch(n, n * 10));
    }
    ASSERT_EQ(ring.at(ring.size() - 1).number, EpochNumber(highest))
        << "seed " << kSeed << ", round " << round;
    for (size_t i = 1; i < ring.size(); ++i)
      ASSERT_LT(ring.at(i - 1).number, ring.at(i).number)
          << "seed " << kSeed << ", round " << round;
  }
}

TEST(EpochSchedule, AnnouncesEveryPeriodWithLead) {
  KeySource keys(sodium(), {});
  EpochSchedule schedule(3);
  auto first = schedule.poll(at_s(0), keys);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->term, 3);
  EXPECT_EQ(first->number, EpochNumber(0));
  EXPECT_EQ(first->starts_at, at_s(0));
  StreamTime start = first->starts_at;
  Bytes<32> key = first->key;
  for (uint32_t n = 1; n < 100; ++n) {
    const StreamTime due = schedule.next_due();
    EXPECT_FALSE(schedule.poll(due - Duration::micros(1), keys));
    const auto next = schedule.poll(due + Duration::millis(n * 10), keys);
    ASSERT_TRUE(next);
    EXPECT_EQ(next->number, EpochNumber(n));
    EXPECT_EQ(next->starts_at - start, EpochSchedule::kPeriod);
    EXPECT_GE(next->starts_at - (due + Duration::millis(n * 10)), EpochSchedule::kLead);
    EXPECT_NE(next->key, key);
    start = next->starts_at;
    key = next->key;
  }
}

TEST(EpochSchedule, KeepsTheLeadAfterAPause) {
  KeySource keys(sodium(), {});
  EpochSchedule schedule(0);
  schedule.poll(at_s(0), keys);
  const auto late = schedule.poll(at_s(100), keys);
  ASSERT_TRUE(late);
  EXPECT_EQ(late->starts_at, at_s(105));
  EXPECT_FALSE(schedule.poll(at_s(100), keys)) << "one is announced, the next has time";
  EXPECT_EQ(schedule.next_due(), at_s(109));
}

}  // namespace
}  // namespace swarmcast::crypto
