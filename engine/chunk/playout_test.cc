#include "engine/chunk/playout.h"

#include <gtest/gtest.h>

#include <vector>

#include "engine/base/times_for_test.h"

namespace swarmcast::chunk {
namespace {

StreamTime at(int64_t value) { return StreamTime::from_ms(value); }

// Frames every 50 ms in the order T0 T2 T1 T2; a key every `key_every` frames.
FrameHeader video(uint32_t number, uint32_t key_every = 40) {
  constexpr uint8_t kTemporal[] = {0, 2, 1, 2};
  constexpr uint8_t kDependsOn[] = {4, 1, 2, 1};
  FrameHeader header{.id = {kVideoTrack, FrameNumber(number)},
                     .index_in_chunk = static_cast<uint8_t>(number % 4),
                     .temporal_id = kTemporal[number % 4],
                     .depends_on = kDependsOn[number % 4],
                     .capture = at(50 * int64_t{number})};
  header.key = number % key_every == 0;
  if (header.key) header.depends_on = 0;
  return header;
}

FrameHeader audio(uint32_t number) {
  return {
      .id = {kAudioTrack, FrameNumber(number)}, .key = true, .capture = at(20 * int64_t{number})};
}

struct Viewer {
  explicit Viewer(std::optional<Duration> fixed = ms(200))
      : playout(PlayoutOptions{.fixed = fixed}) {}

  // Completes frames and gives the numbers released by then; hidden ones are negative.
  std::vector<int> complete(std::initializer_list<uint32_t> numbers, int64_t now_ms) {
    for (uint32_t n : numbers) playout.on_frame_complete(video(n), at(now_ms));
    return drain(now_ms);
  }
  std::vector<int> drain(int64_t now_ms) {
    std::vector<int> out;
    while (auto release = playout.next(at(now_ms))) {
      const int number = static_cast<int>(release->frame.number.value());
      out.push_back(release->show ? number : -number);
      last = *release;
    }
    return out;
  }
  FrameCounts counts() const { return playout.counts(); }

  PlayoutBuffer playout;
  Release last;
};

using Numbers = std::vector<int>;

TEST(Playout, ReleasesAtOnceAndInOrder) {
  Viewer viewer;
  EXPECT_EQ(viewer.complete({0}, 20), Numbers{0});
  EXPECT_EQ(viewer.last.present_at, at(200)) << "capture + playout";
  EXPECT_FALSE(viewer.last.late);
  EXPECT_EQ(viewer.complete({2}, 120), Numbers{}) << "1 may still come";
  EXPECT_EQ(viewer.complete({1}, 130), (Numbers{1, 2}));
  EXPECT_EQ(viewer.counts(), (FrameCounts{.expected = 3, .on_time = 3}));
}

TEST(Playout, WaitsForAMissingFrameUntilItsOwnDeadline) {
  Viewer viewer;
  viewer.complete({0}, 20);
  EXPECT_EQ(viewer.complete({2}, 120), Numbers{});
  EXPECT_EQ(viewer.playout.next_timeout(at(120)), at(200) + Duration::micros(1));
  EXPECT_EQ(viewer.drain(250), Numbers{});
  EXPECT_EQ(viewer.drain(251), Numbers{2}) << "T2 number 1 is not needed";
  EXPECT_EQ(viewer.counts(), (FrameCounts{.expected = 3, .on_time = 2, .missing = 1}));
  EXPECT_EQ(viewer.complete({1}, 300), Numbers{}) << "passed over";
  EXPECT_EQ(viewer.counts(), (FrameCounts{.expected = 3, .on_time = 2, .late = 1}));
}

TEST(Playout, WaitsLongerForAFrameThatAllDependOn) {
  Viewer viewer;
  viewer.complete({0, 1, 2, 3}, 170);
  EXPECT_EQ(viewer.complete({5, 6, 7}, 370), Numbers{});
  EXPECT_EQ(viewer.drain(500), Numbers{});
  EXPECT_EQ(viewer.counts().missing, 1u);      // 4, due at 400
  EXPECT_EQ(viewer.counts().undecodable, 1u);  // 5, due at 450
  EXPECT_EQ(viewer.complete({4}, 510), (Numbers{-4, -5, 6, 7})) << "5 was due, 6 is at 500";
  EXPECT_EQ(viewer.counts(), (FrameCounts{.expected = 8, .on_time = 5, .late = 3}));
}

TEST(Playout, FramesOfALostReferenceAreUndecodableUntilTheNextKey) {
  Viewer viewer;
  for (uint32_t n = 0; n < 36; ++n) viewer.complete({n}, 50 * n + 20);
  for (uint32_t n = 37; n < 40; ++n) EXPECT_EQ(viewer.complete({n}, 50 * n + 20), Numbers{});
  EXPECT_FALSE(viewer.playout.wants_key(at(2'010)));
  EXPECT_EQ(viewer.complete({40, 41}, 2'070), (Numbers{40, 41})) << "36 was due at 2,000";
  EXPECT_EQ(viewer.drain(2'300), Numbers{});
  EXPECT_EQ(viewer.counts(),
            (FrameCounts{.expected = 42, .on_time = 38, .missing = 1, .undecodable = 3}));
}

TEST(Playout, AsksForAKeyOnlyIfNoneIsInSight) {
  Viewer viewer;
  for (uint32_t n = 0; n < 8; ++n) viewer.complete({n}, 50 * n + 20);
  viewer.complete({9, 10, 11}, 580);  // 8, a T0, is due at 600
  EXPECT_FALSE(viewer.playout.wants_key(at(600) + kKeyPatience));
  EXPECT_TRUE(viewer.playout.wants_key(at(601) + kKeyPatience));
  viewer.complete({12}, 701);
  EXPECT_TRUE(viewer.playout.wants_key(at(705)));
  FrameHeader key = video(13);
  key.key = true;
  key.depends_on = 0;
  viewer.playout.on_frame_seen(key, at(710));
  EXPECT_FALSE(viewer.playout.wants_key(at(710)));
  EXPECT_TRUE(viewer.playout.wants_key(at(1'000))) << "the key is overdue as well";
  viewer.playout.on_frame_complete(key, at(1'001));
  EXPECT_FALSE(viewer.playout.wants_key(at(1'001)));
  EXPECT_EQ(viewer.drain(1'001), Numbers{13});
  EXPECT_FALSE(viewer.playout.wants_key(at(1'001)));
}

TEST(Playout, ALostEnhancementFrameNeedsNoKey) {
  Viewer viewer;
  viewer.complete({0, 1}, 70);
  viewer.complete({3, 4}, 230);
  EXPECT_EQ(viewer.drain(320), Numbers{4}) << "2 given up; 3 hangs on it";
  EXPECT_FALSE(viewer.playout.wants_key(at(800)));
  viewer.drain(351);
  EXPECT_EQ(viewer.counts(),
            (FrameCounts{.expected = 5, .on_time = 3, .missing = 1, .undecodable = 1}));
}

TEST(Playout, ANewcomerShowsTheNewestPictureAtOnce) {
  Viewer viewer;
  // Joins at 1,950 ms: key 0 and the T0s since, then live frames. No T1 or T2 of the past.
  viewer.playout.on_frame_complete(video(37), at(1'950));
  for (uint32_t n : {0, 4, 8, 12, 16, 20, 24, 28, 32})
    viewer.playout.on_frame_complete(video(n), at(1'960));
  EXPECT_EQ(viewer.drain(1'960), (Numbers{0, -4, -8, -12, -16, -20, -24, -28, 32}));
  EXPECT_EQ(viewer.last.present_at, at(1'960));
  EXPECT_TRUE(viewer.last.late) << "was due at 1,800";
  EXPECT_EQ(viewer.counts(), FrameCounts{}) << "nothing was due since";
  EXPECT_EQ(viewer.complete({36, 38}, 1'980), (Numbers{36, 37, 38}));
  EXPECT_EQ(viewer.complete({39}, 1'990), Numbers{39});
  // 33 and 34 were due before the first picture, 35 (due at 1,950) too.
  EXPECT_EQ(viewer.counts(), (FrameCounts{.expected = 4, .on_time = 4}));
}

TEST(Playout, ANewcomerWithoutAKeyAsksForOneAfterAWhile) {
  Viewer viewer;
  viewer.complete({5}, 300);
  EXPECT_FALSE(viewer.playout.wants_key(at(300) + kFirstKeyPatience));
  EXPECT_EQ(viewer.playout.next_timeout(at(460)),
            at(300) + kFirstKeyPatience + Duration::micros(1));
  EXPECT_TRUE(viewer.playout.wants_key(at(301) + kFirstKeyPatience));
  viewer.playout.on_frame_seen(video(40), at(2'010));
  EXPECT_FALSE(viewer.playout.wants_key(at(2'010)));
}

TEST(Playout, ADecoderThatLostItsStateGetsNothingButAKey) {
  Viewer viewer;
  viewer.complete({0, 1}, 70);
  viewer.playout.on_decoder_lost();
  EXPECT_TRUE(viewer.playout.wants_key(at(80)));
  EXPECT_EQ(viewer.complete({2, 3, 4}, 220), Numbers{});
  EXPECT_EQ(viewer.complete({40}, 2'010), Numbers{}) << "5 to 39 are not due yet, by estimate";
  EXPECT_EQ(viewer.drain(2'160), Numbers{40});
}

TEST(Playout, ResumesAfterABlackoutAtTheLiveEdge) {
  Viewer viewer;
  viewer.complete({0}, 20);
  EXPECT_EQ(viewer.complete({5'000}, 250'010), Numbers{}) << "a jump beyond the window";
  EXPECT_EQ(viewer.drain(250'190), Numbers{5'000});
  const auto counts = viewer.counts();
  EXPECT_EQ(counts.expected, 5'001u);
  EXPECT_EQ(counts.missing, 4'999u);
}

TEST(Playout, AFrameThatNeverComesIsGivenUpWithTheRing) {
  Viewer viewer;
  viewer.complete({0}, 20);
  viewer.complete({5, 6, 7}, 370);
  EXPECT_EQ(viewer.drain(4'199), Numbers{});
  EXPECT_TRUE(viewer.playout.wants_key(at(4'199)));
  EXPECT_EQ(viewer.drain(4'360), Numbers{});
  EXPECT_TRUE(viewer.playout.next_timeout(at(4'360)).is_never()) << "all given up";
  EXPECT_TRUE(viewer.playout.wants_key(at(4'360)));
}

TEST(Playout, AudioSkipsGapsAndDropsTheLate) {
  PlayoutBuffer playout(PlayoutOptions{.fixed = ms(100)});
  playout.on_frame_complete(audio(0), at(10));
  playout.on_frame_complete(audio(2), at(50));
  auto release = playout.next(at(50));
  ASSERT_TRUE(release);
  EXPECT_EQ(*release, (Release{{kAudioTrack, FrameNumber(0)}, at(100), true}));
  EXPECT_FALSE(playout.next(at(50)));
  EXPECT_EQ(playout.next_timeout(at(50)), at(120) + Duration::micros(1));
  release = playout.next(at(121));
  ASSERT_TRUE(release);
  EXPECT_EQ(release->frame.number, FrameNumber(2));
  EXPECT_EQ(release->present_at, at(140));
  playout.on_frame_complete(audio(1), at(122));
  playout.on_frame_complete(audio(3), at(161));
  EXPECT_FALSE(playout.next(at(161))) << "1 was passed over, 3 was due at 160";
  EXPECT_TRUE(playout.next_timeout(at(161)).is_never());
}

TEST(Playout, AutomaticDelayCoversWhatIsSeenButNotTheCatchUp) {
  Viewer viewer(std::nullopt);
  viewer.complete({0, 4, 8, 12}, 900);  // catch-up: up to 900 ms old
  EXPECT_EQ(viewer.playout.playout_delay(), kInitialPlayout);
  viewer.complete({18}, 1'150);  // 250 ms late and captured after we came
  EXPECT_GE(viewer.playout.playout_delay(), ms(260));
  EXPECT_LE(viewer.playout.playout_delay(), ms(250) + kFirstAllowance);
}

TEST(Playout, OnlyTheFirstCompletionCounts) {
  Viewer viewer(std::nullopt);
  viewer.complete({0}, 10);
  viewer.playout.on_frame_complete(audio(1), at(30));
  viewer.complete({0}, 700);  // a parity fragment that came late, say
  viewer.playout.on_frame_complete(audio(1), at(700));
  EXPECT_EQ(viewer.playout.playout_delay(), Duration::micros(100'000 - 690'000 / 50))
      << "no growth";
  EXPECT_EQ(viewer.counts(), (FrameCounts{.expected = 1, .on_time = 1}));
}

TEST(Playout, OtherTracksAreIgnored) {
  Viewer viewer;
  FrameHeader other = video(0);
  other.id.track = TrackId(2);
  viewer.playout.on_frame_complete(other, at(0));
  EXPECT_EQ(viewer.drain(1'000), Numbers{});
}

}  // namespace
}  // namespace swarmcast::chunk
