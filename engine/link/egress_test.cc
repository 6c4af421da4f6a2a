#include "engine/link/egress.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "engine/base/random.h"
#include "engine/base/times_for_test.h"

namespace swarmcast::link {
namespace {

Instant us(int64_t value) { return Instant::from_us(value); }

SendOrder order(uint32_t link, uint32_t frame, SendClass send_class = SendClass::kBase,
                Instant deadline = at(1'000'000), uint16_t size = 1'000, uint8_t index = 0) {
  return {LinkId(link), {{kVideoTrack, FrameNumber(frame)}, index}, send_class, deadline, size};
}

struct Egress : EgressController {
  explicit Egress(int links, size_t pool = 256) : EgressController(pool) {
    for (int i = 1; i <= links; ++i) add_link(LinkId(static_cast<uint32_t>(i)));
  }
  // Frame numbers in the order sent, all at once if the pacer allows.
  std::vector<uint32_t> drain(Instant now) {
    std::vector<uint32_t> out;
    while (auto next_order = next(now)) out.push_back(next_order->fragment.frame.number.value());
    return out;
  }
};

using Frames = std::vector<uint32_t>;

TEST(Egress, ServesClassesStrictlyAndDeadlinesInOrder) {
  Egress egress(1);
  egress.set_rate(DataRate::kbps(1'000'000));
  egress.enqueue(order(1, 1, SendClass::kT2), at(0));
  egress.enqueue(order(1, 2, SendClass::kT1), at(0));
  egress.enqueue(order(1, 3, SendClass::kRepair, at(300)), at(0));
  egress.enqueue(order(1, 4, SendClass::kRepair, at(200)), at(0));
  egress.enqueue(order(1, 5, SendClass::kBase), at(0));
  egress.enqueue(order(1, 6, SendClass::kBase), at(0));
  EXPECT_EQ(egress.pending_bytes(), 6'000u);
  EXPECT_EQ(egress.drain(at(0)), (Frames{5, 6, 4, 3, 2, 1}));
  EXPECT_EQ(egress.pending_bytes(), 0u);
  EXPECT_TRUE(egress.next_timeout().is_never());
}

TEST(Egress, SharesFairlyBetweenLinksByWeight) {
  Egress egress(2);
  egress.add_link(LinkId(3), 2);
  for (uint32_t i = 0; i < 40; ++i)
    for (uint32_t link : {1, 2, 3}) egress.enqueue(order(link, i), at(0));
  std::map<uint32_t, int> sent;
  for (int64_t t = 0; sent[3] < 40; t += 100)
    while (auto next_order = egress.next(us(t))) ++sent[next_order->link.value()];
  EXPECT_NEAR(sent[1], 20, 2);
  EXPECT_NEAR(sent[2], 20, 2);
}

TEST(Egress, ALinkThatPausedHasNoOldClaims) {
  Egress egress(2);
  egress.set_rate(DataRate::kbps(1'000'000));
  for (uint32_t i = 0; i < 50; ++i) egress.enqueue(order(1, i), at(0));
  egress.drain(at(0));
  for (uint32_t i = 0; i < 4; ++i) {
    egress.enqueue(order(1, 100 + i), at(100));
    egress.enqueue(order(2, 200 + i), at(100));
  }
  EXPECT_EQ(egress.drain(at(100)), (Frames{200, 100, 201, 101, 202, 102, 203, 103}));
}

TEST(Egress, PacesAtTheNodesRate) {
  Egress egress(1);
  egress.set_rate(DataRate::kbps(8'000));  // a millisecond for 1,000 bytes
  for (uint32_t i = 0; i < 40; ++i) egress.enqueue(order(1, i), at(100));
  EXPECT_EQ(egress.drain(at(100)).size(), 11u) << "a burst of 10 ms and the one under way";
  EXPECT_EQ(egress.next_timeout(), at(101));
  EXPECT_EQ(egress.drain(us(100'999)).size(), 0u);
  EXPECT_EQ(egress.drain(at(105)).size(), 5u);
  egress.account(LinkId(1), 3'000, at(105));
  EXPECT_EQ(egress.next_timeout(), at(109)) << "control bytes count";
}

TEST(Egress, ASlowLinkDoesNotHoldUpTheOthers) {
  Egress egress(2);
  egress.set_link_rate(LinkId(1), DataRate::kbps(80));
  for (uint32_t i = 0; i < 5; ++i) {
    egress.enqueue(order(1, 10 + i), at(0));
    egress.enqueue(order(2, 20 + i), at(0));
  }
  EXPECT_EQ(egress.drain(at(0)), (Frames{10, 20, 21, 22, 23, 24}));
  EXPECT_EQ(egress.next_timeout(), at(90)) << "100 ms for 1,000 bytes less a burst of 10";
}

TEST(Egress, ASourceSpreadsAFrame) {
  Egress egress(1);
  egress.set_spread(ms(20));
  for (uint32_t i = 0; i < 10; ++i) egress.enqueue(order(1, i), at(100));
  std::vector<int64_t> sent;
  for (Instant now = at(100); egress.pending_bytes() > 0; now = egress.next_timeout())
    while (egress.next(now)) sent.push_back(now.us() - 100'000);
  // In clumps, so that nobody on the way wakes up for single messages.
  EXPECT_EQ(sent, (std::vector<int64_t>{0, 0, 0, 0, 6'000, 6'000, 6'000, 12'000, 12'000, 12'000}));
  // A lone small frame goes at once, the next is not slowed by the last.
  egress.enqueue(order(1, 11), at(200));
  EXPECT_EQ(egress.drain(at(200)).size(), 1u);
}

TEST(Egress, DropsWhatCannotArriveInTime) {
  Egress egress(1);
  egress.set_rate(DataRate::kbps(8'000));
  egress.set_one_way_delay(LinkId(1), ms(30));
  EXPECT_EQ(egress.enqueue(order(1, 1, SendClass::kBase, at(29)), at(0)), EnqueueResult::kTooLate);
  for (uint32_t i = 0; i < 40; ++i)
    EXPECT_EQ(egress.enqueue(order(1, 2), at(0)), EnqueueResult::kQueued);
  EXPECT_EQ(egress.enqueue(order(1, 3, SendClass::kT1, at(69)), at(0)), EnqueueResult::kTooLate)
      << "40 ms of queue are before it";
  EXPECT_EQ(egress.enqueue(order(1, 4, SendClass::kT1, at(70)), at(0)), EnqueueResult::kQueued);
  EXPECT_EQ(egress.counts().too_late, 2u);
  for (int64_t t : {0, 10, 20}) egress.drain(at(t));
  egress.drain(at(41));  // this wake-up came late: 4 cannot make it any more
  EXPECT_EQ(egress.counts().too_late, 3u);
  EXPECT_EQ(egress.pending_bytes(), 0u);
}

TEST(Egress, ARemovedLinkTakesItsOrdersAlong) {
  Egress egress(2);
  egress.set_rate(DataRate::kbps(1'000'000));
  for (uint32_t frame = 1; frame <= 3; ++frame)
    for (uint8_t index = 0; index < 2; ++index)
      for (uint32_t link : {1, 2})
        egress.enqueue(order(link, frame, SendClass::kBase, at(500), 100, index), at(0));
  egress.remove_link(LinkId(1));
  EXPECT_EQ(egress.pending_bytes(LinkId(2)), 600u);
  EXPECT_EQ(egress.drain(at(0)), (Frames{1, 1, 2, 2, 3, 3}));
  EXPECT_EQ(egress.counts().cancelled, 6u);
  EXPECT_EQ(egress.enqueue(order(1, 9), at(0)), EnqueueResult::kUnavailable);
}

TEST(Egress, ABlockedLinkTakesNothing) {
  Egress egress(1);
  egress.enqueue(order(1, 1), at(0));
  egress.set_blocked(LinkId(1), true);
  EXPECT_EQ(egress.pending_bytes(), 0u);
  EXPECT_EQ(egress.enqueue(order(1, 2), at(0)), EnqueueResult::kUnavailable);
  egress.set_blocked(LinkId(1), false);
  EXPECT_EQ(egress.enqueue(order(1, 2), at(0)), EnqueueResult::kQueued);
}

TEST(Egress, ShedsT2ThenT1AndComesBack) {
  Egress egress(1, 4'000);
  egress.set_rate(DataRate::kbps(1'000));
  Shedding level = Shedding::kNone;
  std::vector<std::pair<int64_t, Shedding>> changes;
  const auto watch = [&](int64_t t) {
    while (egress.next(at(t))) continue;
    if (egress.shedding(LinkId(1), at(t)) == level) return;
    level = egress.shedding(LinkId(1), at(t));
    changes.emplace_back(t, level);
  };
  // 1.8 Mbit/s into 1 Mbit/s: 0.6 of base layer, 0.7 of T1 and 0.5 of T2.
  for (int64_t t = 0; t < 2'000; t += 10) {
    const auto frame = static_cast<uint32_t>(t);
    egress.enqueue(order(1, frame, SendClass::kBase, at(t + 2'000), 750), at(t));
    egress.enqueue(order(1, frame, SendClass::kT1, at(t + 2'000), 900), at(t));
    egress.enqueue(order(1, frame, SendClass::kT2, at(t + 2'000), 600), at(t));
    watch(t);
  }
  for (int64_t t = 2'000; t < 6'000; t += 10) watch(t);
  ASSERT_GE(changes.size(), 4u);
  EXPECT_EQ(changes[0].second, Shedding::kT2);
  EXPECT_GE(changes[0].first, 100);
  EXPECT_LE(changes[0].first, 600);
  EXPECT_EQ(changes[1].second, Shedding::kT1AndT2);
  EXPECT_EQ(changes.back().second, Shedding::kNone);
  EXPECT_GT(egress.counts().shed, 100u);
}

// 0.7 Mbit/s of base layer into half of that, and sound: only the sound goes on.
TEST(Egress, ShedsThePictureBeforeTheSound) {
  Egress egress(1, 4'000);
  egress.set_rate(DataRate::kbps(350));
  uint64_t sound = 0;
  for (int64_t t = 0; t < 4'000; t += 10) {
    const auto frame = static_cast<uint32_t>(t);
    egress.enqueue(order(1, frame, SendClass::kBase, at(t + 2'000), 900), at(t));
    if (t % 20 == 0)
      sound += egress.enqueue(order(1, frame, SendClass::kSound, at(t + 100), 150), at(t)) ==
               EnqueueResult::kQueued;
    while (egress.next(at(t))) continue;
  }
  EXPECT_EQ(sound, 200u);
  EXPECT_EQ(egress.shedding(LinkId(1), at(4'000)), Shedding::kPicture);
}

TEST(Egress, AShortBurstIsNotShed) {
  Egress egress(1);
  egress.set_rate(DataRate::kbps(8'000));
  for (uint32_t i = 0; i < 90; ++i) egress.enqueue(order(1, i), at(0));  // a key frame: 90 ms
  for (int64_t t = 0; t < 100; t += 5) {
    egress.drain(at(t));
    EXPECT_EQ(egress.enqueue(order(1, 100, SendClass::kT2), at(t)), EnqueueResult::kQueued);
  }
}

TEST(Egress, AFullPoolGivesUpWhatMattersLess) {
  Egress egress(2, 8);
  for (uint32_t i = 0; i < 4; ++i) {
    egress.enqueue(order(1, i, SendClass::kT1), at(0));
    egress.enqueue(order(2, i, SendClass::kT2), at(0));
  }
  EXPECT_EQ(egress.enqueue(order(1, 9, SendClass::kT2), at(0)), EnqueueResult::kFull);
  for (uint32_t i = 0; i < 8; ++i)
    EXPECT_EQ(egress.enqueue(order(1, 10 + i), at(0)), EnqueueResult::kQueued);
  EXPECT_EQ(egress.enqueue(order(1, 20), at(0)), EnqueueResult::kFull);
  EXPECT_EQ(egress.counts().overflow, 10u);
  EXPECT_EQ(egress.pending_bytes(LinkId(2)), 0u);
}

TEST(Egress, LinksAreLimited) {
  Egress egress(static_cast<int>(kMaxLinks));
  EXPECT_FALSE(egress.add_link(LinkId(1'000)));
  egress.remove_link(LinkId(7));
  EXPECT_TRUE(egress.add_link(LinkId(1'000)));
}

// Nothing is lost or invented, whatever is asked.
TEST(EgressProperty, EveryOrderIsSentOrCounted) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Prng random(seed);
    Egress egress(6, 64);
    egress.set_rate(DataRate::kbps(static_cast<int64_t>(500 + random.below(20'000))));
    if (random.chance(0.3)) egress.set_spread(ms(25));
    uint64_t asked = 0, sent = 0, unavailable = 0;
    Instant now = at(10);
    for (int step = 0; step < 5'000; ++step) {
      now = now + Duration::micros(static_cast<int64_t>(random.below(2'000)));
      const auto link = static_cast<uint32_t>(1 + random.below(7));
      const auto frame = static_cast<uint32_t>(step / 20);
      if (random.chance(0.002)) egress.set_blocked(LinkId(link), random.chance(0.3));
      const auto send_class = static_cast<SendClass>(random.below(kSendClasses));
      const Instant deadline = now + ms(static_cast<int64_t>(random.below(120)));
      const auto size = static_cast<uint16_t>(40 + random.below(1'117));
      ++asked;
      if (egress.enqueue(order(link, frame, send_class, deadline, size), now) ==
          EnqueueResult::kUnavailable)
        ++unavailable;
      while (auto next_order = egress.next(now)) {
        ++sent;
        ASSERT_LE(now, next_order->deadline);
      }
      ASSERT_TRUE(egress.pending_bytes() == 0 || !egress.next_timeout().is_never());
    }
    for (uint32_t link = 1; link <= 6; ++link) egress.remove_link(LinkId(link));
    const EgressCounts& c = egress.counts();
    EXPECT_EQ(egress.pending_bytes(), 0u);
    EXPECT_EQ(asked, sent + unavailable + c.too_late + c.shed + c.overflow + c.cancelled);
  }
}

}  // namespace
}  // namespace swarmcast::link
