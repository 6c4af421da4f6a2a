#include "engine/repair/gap_tracker.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "engine/base/random.h"
#include "engine/base/times_for_test.h"

namespace swarmcast::repair {
namespace {

using Numbers = std::vector<uint64_t>;

Numbers list(const NakList& naks) {
  Numbers out;
  for (const SequenceSpan& s : naks.spans())
    for (uint32_t i = 0; i < s.count; ++i) out.push_back(s.first.value() + i);
  return out;
}

// A link with a round trip of 60 ms; everything is due at 300 ms unless told.
struct Link {
  void receive(int64_t time_ms, std::initializer_list<uint64_t> numbers, int64_t deadline = 300,
               TrackId track = kVideoTrack) {
    for (uint64_t n : numbers)
      tracker.on_received(at(time_ms), LinkSequence(n), track, at(deadline), std::nullopt);
  }
  void repair(int64_t time_ms, uint64_t number, uint64_t answers) {
    tracker.on_received(at(time_ms), LinkSequence(number), kVideoTrack, at(300),
                        LinkSequence(answers));
  }
  NakRequest due(int64_t time_ms) {
    return tracker.due(
        at(time_ms), {.hungry_from = hungry_from, .srtt = Duration::millis(60), .in_order = true});
  }
  Numbers asked(int64_t time_ms) { return list(due(time_ms).normal); }
  GapTracker tracker;
  Instant hungry_from;
};

TEST(GapTracker, AsksNothingOfACompleteLink) {
  Link link;
  link.receive(0, {0, 1, 2});
  EXPECT_EQ(link.asked(0), Numbers());
  EXPECT_EQ(link.tracker.next_timeout(), Instant::never());
}

TEST(GapTracker, AsksAtOnceIfTheLinkNeverReordered) {
  Link link;
  link.receive(0, {0, 3, 5});
  EXPECT_LE(link.tracker.next_timeout(), at(0));
  EXPECT_EQ(link.asked(0), (Numbers{1, 2, 4}));
  EXPECT_EQ(link.asked(0), Numbers());
  EXPECT_EQ(link.tracker.counts().lost, 3u);
  EXPECT_EQ(link.tracker.counts().nak_sent, 3u);
}

TEST(GapTracker, LossesBeforeTheFirstMessageAreSeen) {
  Link link;
  link.receive(0, {2});
  EXPECT_EQ(link.asked(0), (Numbers{0, 1}));
}

TEST(GapTracker, AsksAgainAfterARoundTripAndAMargin) {
  Link link;
  link.receive(0, {0, 2});
  EXPECT_EQ(link.asked(0), Numbers{1});
  for (int64_t t = 1; t < 63; ++t) link.asked(t);
  EXPECT_EQ(link.tracker.counts().nak_sent, 1u);
  EXPECT_EQ(link.tracker.next_timeout(), at(63));
  EXPECT_EQ(link.asked(63), Numbers{1});
  EXPECT_EQ(link.tracker.counts().nak_sent, 2u);
}

TEST(GapTracker, WhatIsHeldIsAskedForOnlyIfItIsGivenUp) {
  Link link;
  link.receive(0, {0});
  for (uint64_t n : {2, 3, 4}) link.tracker.on_held(at(0), LinkSequence(n), std::nullopt);
  EXPECT_EQ(link.asked(0), Numbers{1});
  link.tracker.on_held_proven(LinkSequence(2));
  link.tracker.on_held_dropped(at(5), LinkSequence(3));
  link.tracker.on_held_dropped(at(5), LinkSequence(2));  // proven: nothing to give up
  EXPECT_EQ(link.asked(70), (Numbers{1, 3}));
  link.tracker.on_held(at(70), LinkSequence(5), LinkSequence(1));  // a repair
  link.receive(71, {3});
  EXPECT_EQ(link.asked(150), Numbers());
  EXPECT_EQ(link.tracker.counts().lost, 1u);
}

TEST(GapTracker, WhatIsHeldLateWasNoLoss) {
  Link link;
  link.receive(0, {0, 2});
  link.tracker.on_held(at(4), LinkSequence(1), std::nullopt);
  EXPECT_EQ(link.asked(4), Numbers());
  link.receive(10, {4});
  EXPECT_EQ(link.asked(10), Numbers()) << "the link reorders by 4 ms";
  EXPECT_EQ(link.asked(20), Numbers{3});
}

TEST(GapTracker, ARepairFillsTheGapItNames) {
  Link link;
  link.receive(0, {0, 3});
  EXPECT_EQ(link.asked(0), (Numbers{1, 2}));
  link.repair(60, 4, 2);
  EXPECT_EQ(link.asked(65), Numbers{1});
  EXPECT_EQ(link.tracker.counts().repaired, 1u);
}

TEST(GapTracker, ANakNamesAllThatIsNotAnswered) {
  Link link;
  link.receive(0, {0, 2});
  EXPECT_EQ(link.asked(0), Numbers{1});
  link.receive(5, {4});
  EXPECT_EQ(link.asked(5), (Numbers{1, 3}));
}

TEST(GapTracker, WhatIsSettledIsNotAskedFor) {
  Link link;
  link.receive(0, {0, 4});
  link.tracker.on_settled({LinkSequence(2), 2});
  EXPECT_EQ(link.asked(0), Numbers{1});
  EXPECT_EQ(link.tracker.open_gaps(), 1u);
}

TEST(GapTracker, NobodyAsksIfNothingIsWanted) {
  Link link;
  link.hungry_from = Instant::never();
  link.receive(0, {0, 2});
  EXPECT_EQ(link.asked(0), Numbers());
  EXPECT_LE(link.tracker.next_timeout(), at(40));
  link.hungry_from = at(300);
  EXPECT_EQ(link.asked(20), Numbers{1});
}

TEST(GapTracker, WhatWasSentBeforeTheFirstFrameWantedIsNotAskedFor) {
  Link link;
  link.receive(0, {0, 2}, 300);
  link.receive(50, {4}, 350);
  link.hungry_from = at(350);
  EXPECT_EQ(link.asked(50), Numbers{3});
}

// A tick in the middle of a frame: what it reveals may be of a frame that nothing was seen of.
TEST(GapTracker, WhatATickRevealsMayBelongToTheNextFrame) {
  Link link;
  link.receive(0, {0}, 300);
  link.tracker.on_tick(at(40), LinkSequence(1));
  link.hungry_from = at(350);
  EXPECT_EQ(link.asked(40), Numbers{1});
}

// A relay's own late repairs come as any other fragment, out of turn.
TEST(GapTracker, WhatAnOlderFrameRevealsMayBelongToANewerOne) {
  Link link;
  link.receive(0, {0}, 350);
  link.receive(1, {2}, 300);
  link.receive(2, {3}, 400);
  link.hungry_from = at(400);
  EXPECT_EQ(link.asked(2), Numbers{1});
}

// A picture and a packet of sound have come.
struct LinkWithSound : Link {
  LinkWithSound() {
    receive(0, {0}, 300);
    receive(1, {1}, 310, kAudioTrack);
  }
};

// Sound is captured after the picture that it overtakes while that is encoded, or before it; it
// shows what was lost of the picture's beginning, and says nothing of when that is due.
TEST(GapTracker, WhatSoundRevealsMayBelongToANewerPicture) {
  LinkWithSound link;
  link.receive(40, {3}, 330, kAudioTrack);
  link.hungry_from = at(350);
  EXPECT_EQ(link.asked(40), Numbers{2});
}

TEST(GapTracker, WhatAPictureRevealsMayBelongToNewerSound) {
  LinkWithSound link;
  link.receive(40, {3}, 300);
  link.hungry_from = at(330);
  EXPECT_EQ(link.asked(40), Numbers{2});
}

TEST(GapTracker, OnceBothTracksHaveMovedOnItIsKnownWhenAGapWasDue) {
  LinkWithSound link;
  link.receive(40, {3}, 330, kAudioTrack);
  link.receive(50, {4}, 340);
  link.hungry_from = at(350);
  EXPECT_EQ(link.asked(50), Numbers());
}

TEST(GapTracker, GathersLossesForOneNak) {
  Link link;
  link.receive(0, {0, 2});
  const NakContext context{.srtt = Duration::millis(60), .gather = Duration::millis(8)};
  EXPECT_TRUE(link.tracker.due(at(0), context).normal.empty());
  EXPECT_EQ(link.tracker.next_timeout(), at(8));
  link.receive(6, {4});
  EXPECT_EQ(list(link.tracker.due(at(8), context).normal), (Numbers{1, 3}));
}

// Said twice within a round, whichever NAK it is that says it.
TEST(GapTracker, OnALossyLinkANakIsRepeatedOnce) {
  Link link;
  link.receive(0, {0, 2});
  const NakContext context{.srtt = Duration::millis(60), .lossy = true};
  int naks = 0;
  for (int64_t t = 0; t < 60; ++t) naks += !link.tracker.due(at(t), context).normal.empty();
  EXPECT_EQ(naks, 2);
  EXPECT_EQ(link.tracker.counts().nak_sent, 1u);
}

// Soon: the first may have been lost, and its round trip is all that fits.
TEST(GapTracker, ARepeatedNakIsLittleLaterThanTheFirst) {
  Link link;
  link.receive(0, {0, 2});
  const NakContext context{.srtt = Duration::millis(60), .lossy = true};
  EXPECT_FALSE(link.tracker.due(at(0), context).normal.empty());
  EXPECT_LE(link.tracker.next_timeout(), at(4));
}

TEST(GapTracker, ASenderThatKnowsTheDeadlineNeedsNoUrgency) {
  Link link;
  link.receive(0, {0, 2});
  const NakRequest request =
      link.tracker.due(at(200), {.srtt = Duration::millis(60), .judged = true});
  EXPECT_TRUE(request.urgent.empty());
  EXPECT_EQ(list(request.normal), Numbers{1});
}

TEST(GapTracker, TheLastTryIsUrgent) {
  Link link;
  link.receive(0, {0, 2});
  const NakRequest request = link.due(200);
  EXPECT_TRUE(request.normal.empty());
  EXPECT_EQ(list(request.urgent), Numbers{1});
}

TEST(GapTracker, WhatIsLongPastIsForgotten) {
  Link link;
  link.receive(0, {0, 2});
  const NakRequest request = link.due(300 + GapTracker::kGrace.ms() + 1);
  EXPECT_TRUE(request.normal.empty());
  EXPECT_TRUE(request.urgent.empty());
  EXPECT_EQ(link.tracker.open_gaps(), 0u);
}

TEST(GapTracker, ATickRevealsALostTail) {
  Link link;
  link.receive(0, {0});
  link.tracker.on_tick(at(40), LinkSequence(2));
  EXPECT_EQ(link.asked(40), (Numbers{1, 2}));
  link.tracker.on_tick(at(41), LinkSequence(2));
  EXPECT_EQ(link.tracker.counts().lost, 2u);
}

TEST(GapTracker, WaitsAsLongAsTheLinkReorders) {
  Link link;
  link.receive(0, {0, 2});
  link.receive(10, {1});
  EXPECT_EQ(link.tracker.counts().spurious, 0u);  // nobody had asked
  link.receive(10, {4});
  EXPECT_EQ(link.asked(10), Numbers());
  const Instant when = link.tracker.next_timeout();
  EXPECT_GE(when, at(20));
  EXPECT_LE(when, at(23));
  EXPECT_EQ(link.asked(23), Numbers{3});
  link.receive(24, {3});
  EXPECT_EQ(link.tracker.counts().spurious, 1u);
}

TEST(GapTracker, ALateNumberFarBehindIsALoss) {
  Link link;
  link.receive(0, {0, 2});
  link.receive(10, {1});
  link.receive(10, {4, 5, 6});
  EXPECT_EQ(link.asked(10), Numbers{3});
}

TEST(GapTracker, AJumpStartsAfresh) {
  Link link;
  link.receive(0, {0, 2, 100'000});
  EXPECT_EQ(link.tracker.open_gaps(), 0u);
  EXPECT_EQ(link.asked(0), Numbers());
  EXPECT_EQ(link.tracker.expected(), LinkSequence(100'001));
}

TEST(GapTracker, MoreThanItRemembersKeepsTheNewest) {
  Link link;
  link.receive(0, {0, 2'000});
  EXPECT_EQ(link.tracker.open_gaps(), GapTracker::kMaxGaps);
  const Numbers asked = link.asked(0);
  EXPECT_EQ(asked.front(), 2'000 - GapTracker::kMaxGaps);
  EXPECT_EQ(asked.back(), 1'999u);
}

// Under 0 to 30 ms of reordering jitter and no loss at most 3 % may be asked for in vain.
TEST(GapTracker, FewSpuriousNaksUnderJitter) {
  const uint64_t seed = 5;
  Prng prng(seed);
  Link link;
  std::multimap<int64_t, uint64_t> arrivals;  // by microsecond
  const uint64_t messages = 13 * 400;
  for (uint64_t s = 0; s < messages; ++s)
    arrivals.emplace(s / 13 * 50'000 + s % 13 * 1'900 + prng.below(30'000), s);
  const NakContext context{.srtt = Duration::millis(75), .rttvar = Duration::millis(8)};
  for (const auto& [us, s] : arrivals) {
    const Instant now = Instant::from_us(us);
    for (int i = 0; i < 50 && link.tracker.next_timeout() < now; ++i)
      link.tracker.due(link.tracker.next_timeout(), context);
    ASSERT_GE(link.tracker.next_timeout(), now) << "due() asks to be called without end";
    link.tracker.on_received(now, LinkSequence(s), kVideoTrack, now + Duration::millis(300),
                             std::nullopt);
    link.tracker.due(now, context);
  }
  EXPECT_LE(link.tracker.counts().spurious, messages * 3 / 100) << "seed " << seed;
  EXPECT_GT(link.tracker.counts().lost, messages / 10) << "no reordering in the test";
}

// A hostile or broken neighbour can send any numbers in any order.
TEST(GapTracker, StaysBoundedUnderAnyInput) {
  for (uint64_t seed = 0; seed < 8; ++seed) {
    Prng prng(seed);
    GapTracker tracker;
    Instant now;
    uint64_t base = 0;
    for (int step = 0; step < 2'000; ++step) {
      now = now + Duration::micros(static_cast<int64_t>(prng.below(4'000)));
      base += prng.below(prng.chance(0.01) ? 6'000 : 5);
      const auto near = [&] { return LinkSequence(base > 50 ? base - prng.below(50) : base); };
      tracker.on_received(now, near(), TrackId(static_cast<uint8_t>(prng.below(kMaxTracks))),
                          now + Duration::micros(static_cast<int64_t>(prng.below(500'000))),
                          prng.chance(0.2) ? std::optional(near()) : std::nullopt);
      if (prng.chance(0.05)) tracker.on_tick(now, LinkSequence(base + prng.below(8)));
      if (prng.chance(0.05)) tracker.on_settled({near(), static_cast<uint32_t>(prng.below(300))});
      const NakRequest request =
          tracker.due(now, {.hungry_from = prng.chance(0.9) ? Instant() : Instant::never(),
                            .srtt = Duration::millis(60)});
      ASSERT_LE(tracker.open_gaps(), GapTracker::kMaxGaps) << "seed " << seed;
      for (const NakList* naks : {&request.normal, &request.urgent})
        for (const SequenceSpan& s : naks->spans()) {
          ASSERT_GE(s.count, 1u) << "seed " << seed;
          ASSERT_LE(s.count, NakList::kMaxSpanLength) << "seed " << seed;
          ASSERT_LE(s.first.value() + s.count, tracker.expected().value()) << "seed " << seed;
        }
    }
  }
}

// One loss in ten messages for an hour: what is over makes room.
TEST(GapTracker, TakesMemoryForWhatIsOpenAtOnce) {
  Link link;
  EXPECT_EQ(link.tracker.room(), 0u);
  for (int64_t n = 0; n < 36'000; ++n) {
    if (n % 10 != 3) link.receive(n * 10, {static_cast<uint64_t>(n)}, n * 10 + 300);
    link.hungry_from = at(n * 10);
    link.due(n * 10);
  }
  EXPECT_LE(link.tracker.room(), 32u);
}

TEST(GapTracker, KeepsWhatIsOpenWhenItGrows) {
  Link link;
  link.receive(0, {0, 3});
  EXPECT_EQ(link.asked(0), (Numbers{1, 2}));
  link.repair(10, 4, 1);
  link.receive(10, {200});
  EXPECT_EQ(link.tracker.open_gaps(), 1u + 195u);
  const Numbers asked = link.asked(65);
  EXPECT_EQ(asked.front(), 2u);
  EXPECT_EQ(asked.back(), 199u);
}

}  // namespace
}  // namespace swarmcast::repair
