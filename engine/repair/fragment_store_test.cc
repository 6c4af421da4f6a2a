#include "engine/repair/fragment_store.h"

#include <gtest/gtest.h>

#include "engine/repair/store_for_test.h"

namespace swarmcast::repair {
namespace {

FrameId video(uint32_t number) { return {kVideoTrack, FrameNumber(number)}; }

std::vector<uint8_t> assembled(FragmentStore& store, const TestFrame& frame) {
  std::vector<uint8_t> out(frame.header.sealed_size);
  const auto result = store.assemble(frame.header.id, out);
  if (!result) return {};
  EXPECT_EQ(result->size, frame.header.sealed_size);
  return out;
}

TEST(FragmentStore, GivesBackAMessageByteForByte) {
  TestStore t;
  const TestFrame frame = make_frame(7);
  EXPECT_EQ(t.store.insert(frame.fragment(3)), Insertion::kNew);
  EXPECT_TRUE(equal(t.store.find({video(7), 3}), frame.messages[3]));
  EXPECT_TRUE(t.store.find({video(7), 2}).empty());
  EXPECT_TRUE(t.store.find({video(8), 3}).empty());
  EXPECT_EQ(t.store.frame(video(8)), nullptr);
}

TEST(FragmentStore, TellsDuplicatesFromNews) {
  TestStore t;
  const TestFrame frame = make_frame(7);
  EXPECT_EQ(t.store.insert(frame.fragment(0)), Insertion::kNew);
  EXPECT_EQ(t.store.insert(frame.fragment(0)), Insertion::kDuplicate);
  EXPECT_EQ(t.store.fragments_held(), 1u);
  EXPECT_EQ(t.store.counts().duplicate, 1u);
}

TEST(FragmentStore, IsCompleteWithAnyKFragments) {
  TestStore t;
  const TestFrame frame = make_frame(7);
  for (unsigned i : {5u, 0u, 4u}) t.store.insert(frame.fragment(i));
  EXPECT_FALSE(t.store.complete(video(7)));
  EXPECT_EQ(t.store.frame(video(7))->lacking(), 1);
  EXPECT_TRUE(assembled(t.store, frame).empty());
  t.store.insert(frame.fragment(2));
  EXPECT_TRUE(t.store.complete(video(7)));
  EXPECT_EQ(assembled(t.store, frame), frame.sealed);
  EXPECT_TRUE(t.store.frame(video(7))->repaired);
  EXPECT_EQ(t.store.counts().fec_recovered, 2u);
}

TEST(FragmentStore, EveryLossPatternThatLeavesKFragmentsGivesTheSameFrame) {
  const TestFrame frame = make_frame(3, 5, 4);
  for (unsigned pattern = 0; pattern < (1u << 9); ++pattern) {
    if (std::popcount(pattern) < 5) continue;
    TestStore t(16);
    for (unsigned i = 0; i < 9; ++i)
      if (pattern >> i & 1) t.store.insert(frame.fragment(i));
    ASSERT_EQ(assembled(t.store, frame), frame.sealed) << "pattern " << pattern;
  }
}

TEST(FragmentStore, ARelayGetsEveryPayloadBack) {
  TestStore t;
  const TestFrame frame = make_frame(3, 5, 4);
  t.insert_all_but(frame, {0, 4, 5, 8});
  std::vector<uint8_t> scratch(4 * frame.header.fragment_payload());
  std::array<ByteSpan, 9> payloads;
  ASSERT_TRUE(t.store.payloads(video(3), scratch, payloads));
  for (unsigned i = 0; i < 9; ++i)
    EXPECT_TRUE(equal(payloads[i], frame.fragment(i).view().payload)) << i;
}

TEST(FragmentStore, FragmentsThatContradictTheFirstAreRefused) {
  TestStore t;
  t.store.insert(make_frame(7, 4, 2).fragment(0));
  EXPECT_EQ(t.store.insert(make_frame(7, 5, 2).fragment(1)), Insertion::kStale);
  EXPECT_EQ(t.store.insert(make_frame(7, 4, 2).fragment(1)), Insertion::kNew);
}

TEST(FragmentStore, ExpiryWipesAndKeepsOut) {
  TestStore t;
  const TestFrame old = make_frame(10), young = make_frame(11);
  t.insert_all_but(old);
  t.insert_all_but(young);
  t.store.expire(young.header.capture);
  EXPECT_EQ(t.store.frame(video(10)), nullptr);
  EXPECT_TRUE(t.store.complete(video(11)));
  EXPECT_EQ(t.store.insert(old.fragment(0)), Insertion::kStale);
  EXPECT_EQ(t.slab.available(), t.slab.capacity() - 6);
  t.store.expire(StreamTime::from_ms(1'000'000));
  EXPECT_TRUE(std::ranges::all_of(t.memory, [](uint8_t b) { return b == 0; }));
}

TEST(FragmentStore, KeepsNoMoreThanTheSpanBehindTheNewestFrame) {
  TestStore t(600, {.ring_span = Duration::millis(500)});
  for (uint32_t n = 0; n < 30; ++n) t.insert_all_but(make_frame(n));
  EXPECT_EQ(t.store.frame(video(18)), nullptr);
  EXPECT_TRUE(t.store.complete(video(19)));
  EXPECT_EQ(t.store.frames_held(), 11u);
}

TEST(FragmentStore, AFullSlabDropsTheOldestFramesOnly) {
  TestStore t(12);
  for (uint32_t n = 10; n < 13; ++n) t.insert_all_but(make_frame(n));
  EXPECT_EQ(t.store.frame(video(10)), nullptr);
  EXPECT_TRUE(t.store.complete(video(11)));
  EXPECT_TRUE(t.store.complete(video(12)));
  EXPECT_EQ(t.store.insert(make_frame(9).fragment(0)), Insertion::kNoRoom);
  EXPECT_TRUE(t.store.complete(video(11)));
  EXPECT_TRUE(t.store.is_consistent());
}

TEST(FragmentStore, AFrameLargerThanTheSlabDoesNotEatItself) {
  TestStore t(10);
  const TestFrame frame = make_frame(5, 20, 0);
  t.insert_all_but(frame);
  EXPECT_EQ(t.store.frame(video(5))->received, 10);
  EXPECT_EQ(t.store.counts().no_room, 10u);
}

TEST(FragmentStore, EntriesAreBounded) {
  TestStore t(600, {.max_frames = 8, .ring_span = kMaxRingSpan});
  for (uint32_t n = 0; n < 20; ++n) t.store.insert(make_frame(n).fragment(0));
  EXPECT_EQ(t.store.frames_held(), 8u);
  EXPECT_EQ(t.store.frame_from(kVideoTrack, FrameNumber(0))->header.id, video(12));
}

TEST(FragmentStore, AJumpAheadMovesTheWindow) {
  TestStore t(600, {.max_frames = 8});
  FrameHeader h = make_frame(0).header;
  for (uint32_t n : {1u, 2u, 3'000'000'000u}) {
    h.id.number = FrameNumber(n);
    h.capture = StreamTime::from_ms(100);  // the number jumps, the time does not
    t.store.insert(make_frame(h).fragment(0));
  }
  EXPECT_EQ(t.store.frames_held(), 1u);
  EXPECT_EQ(t.store.newest(kVideoTrack), FrameNumber(3'000'000'000u));
  h.id.number = FrameNumber(3);
  EXPECT_EQ(t.store.insert(make_frame(h).fragment(0)), Insertion::kStale);
  EXPECT_TRUE(t.store.is_consistent());
}

TEST(FragmentStore, ListsFramesInOrderOfNumber) {
  TestStore t;
  for (uint32_t n : {80u, 41u, 43u, 40u, 79u}) t.insert_all_but(make_frame(n));
  t.insert_all_but(make_frame(42, 4, 2, kAudioTrack));
  t.store.insert(make_frame(120).fragment(0));  // a key frame, but incomplete
  std::vector<uint32_t> seen;
  for (const FrameState& f : t.store.frames_from(kVideoTrack, FrameNumber(41)))
    seen.push_back(f.header.id.number.value());
  EXPECT_EQ(seen, (std::vector<uint32_t>{41, 43, 79, 80, 120}));
  EXPECT_EQ(t.store.last_key(kVideoTrack), FrameNumber(80));
  EXPECT_EQ(t.store.last_key(kAudioTrack), std::nullopt);
}

TEST(FragmentStore, WipeLeavesNothing) {
  TestStore t;
  for (uint32_t n = 0; n < 5; ++n) t.insert_all_but(make_frame(n));
  t.store.wipe();
  EXPECT_TRUE(std::ranges::all_of(t.memory, [](uint8_t b) { return b == 0; }));
  EXPECT_EQ(t.slab.available(), t.slab.capacity());
  EXPECT_EQ(t.store.newest(kVideoTrack), std::nullopt);
  EXPECT_EQ(t.store.insert(make_frame(0).fragment(0)), Insertion::kNew);
}

// Whatever a source signs, the store stays within its limits and consistent.
TEST(FragmentStore, SurvivesAHostileSource) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Prng prng(seed);
    TestStore t(40, {.max_frames = 16, .ring_span = Duration::seconds(2)});
    for (int step = 0; step < 3'000; ++step) {
      FrameHeader h;
      const bool wild = prng.chance(0.02);
      h.id = {TrackId(static_cast<uint8_t>(prng.below(kMaxTracks))),
              FrameNumber(static_cast<uint32_t>(wild ? prng.next() : prng.below(60)))};
      h.capture = StreamTime::from_ms(
          static_cast<int64_t>(prng.below(prng.chance(0.002) ? 1'000'000 : 3'000)));
      h.k = static_cast<uint8_t>(1 + prng.below(6));
      h.r = static_cast<uint8_t>(prng.below(4));
      h.sealed_size = h.k * 20u;
      h.key = h.id.number.value() == 0;
      h.depends_on = h.key ? 0 : 1;
      const TestFrame frame = make_frame(h);
      t.store.insert(frame.fragment(static_cast<unsigned>(prng.below(h.total()))));
      if (prng.chance(0.01)) t.store.wipe();
      ASSERT_TRUE(t.store.is_consistent()) << "seed " << seed << " step " << step;
      ASSERT_LE(t.store.frames_held(), 16u);
    }
    EXPECT_GT(t.store.counts().inserted, 100u) << "seed " << seed;
  }
}

TEST(FragmentStore, TheTableGrowsToWhatIsHeldAtOnce) {
  TestStore t(600, {.max_frames = 64});
  EXPECT_EQ(t.store.room(), 0u);
  for (uint32_t n = 0; n < 500; ++n) {
    FrameHeader h = make_frame(n).header;
    t.store.insert(make_frame(h).fragment(0));
    t.store.expire(h.capture);  // but for the newest
  }
  EXPECT_LE(t.store.room(), 2u);
  t.store.wipe();
  for (uint32_t n = 0; n < 500; ++n) {
    FrameHeader h = make_frame(n).header;
    h.capture = StreamTime::from_ms(100);
    t.store.insert(make_frame(h).fragment(0));
  }
  EXPECT_EQ(t.store.room(), 64u);
  EXPECT_TRUE(t.store.is_consistent());
}

}  // namespace
}  // namespace swarmcast::repair
