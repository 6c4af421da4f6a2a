#include "engine/chunk/playout_delay.h"

#include <gtest/gtest.h>

#include "engine/base/times_for_test.h"

namespace swarmcast::chunk {
namespace {

// Feeds a frame every 50 ms with this lateness; gives the time after the last one.
StreamTime feed(PlayoutDelay& delay, StreamTime from, Duration span, Duration lateness) {
  const StreamTime to = from + span;
  for (; from < to; from = from + ms(50)) {
    delay.on_time(from);
    delay.on_complete(lateness, from);
  }
  return to;
}

TEST(PlayoutDelay, FixedStaysExactly) {
  PlayoutDelay delay(ms(7));
  feed(delay, StreamTime(), Duration::seconds(20), ms(500));
  EXPECT_EQ(delay.current(), ms(7));
  EXPECT_EQ(PlayoutDelay(Duration::seconds(60)).current(), kMaxPlayout);
}

TEST(PlayoutDelay, GrowsAtOnceShrinksByTwoPercentOfTime) {
  PlayoutDelay delay(std::nullopt);
  EXPECT_EQ(delay.current(), kInitialPlayout);
  auto now = feed(delay, StreamTime(), ms(100), ms(40));
  delay.on_complete(ms(250), now);
  EXPECT_EQ(delay.current(), ms(260));
  now = feed(delay, now, Duration::seconds(9), ms(40));
  EXPECT_EQ(delay.current(), ms(260)) << "the worst of the last 10 s rules";
  now = feed(delay, now, Duration::seconds(3), ms(40));
  EXPECT_LT(delay.current(), ms(260));
  EXPECT_GE(delay.current(), ms(260 - 60));
  now = feed(delay, now, Duration::seconds(30), ms(40));
  EXPECT_EQ(delay.current(), ms(50)) << "worst lateness + decode margin";
}

TEST(PlayoutDelay, NeverBelowItsMinimum) {
  PlayoutDelay delay(std::nullopt);
  feed(delay, StreamTime(), Duration::seconds(30), ms(-5));
  EXPECT_EQ(delay.current(), kMinPlayout);
}

TEST(PlayoutDelay, AnOutageIsNotTheUsualDelayUnlessItLasts) {
  PlayoutDelay delay(std::nullopt);
  auto now = feed(delay, StreamTime(), Duration::seconds(5), ms(60));
  delay.on_complete(ms(2'500), now);
  EXPECT_LE(delay.current(), kInitialPlayout);
  feed(delay, now, Duration::seconds(1), ms(1'500));
  EXPECT_EQ(delay.current(), ms(1'510));
}

TEST(PlayoutDelay, TheBacklogAfterAnOutageBelongsToIt) {
  PlayoutDelay delay(std::nullopt);
  const auto now = feed(delay, StreamTime(), Duration::seconds(20), ms(60));
  const Duration before = delay.current();
  for (int late = 500; late > 0; late -= 50) delay.on_complete(ms(late), now);
  EXPECT_EQ(delay.current(), before);
}

// What a blackout held up by less than kOutageStep, too, says nothing of the network's usual delay.
TEST(PlayoutDelay, WhatASilenceHeldUpBelongsToIt) {
  for (const int64_t interval : {20, 50, 200}) {
    SCOPED_TRACE("a frame every " + std::to_string(interval) + " ms");
    PlayoutDelay delay(std::nullopt);
    StreamTime now;
    for (; now < StreamTime() + Duration::seconds(20); now = now + ms(interval)) {
      delay.on_time(now);
      delay.on_complete(ms(60), now);
    }
    const Duration before = delay.current();
    now = now + ms(300) + ms(interval * 2);
    for (int64_t late = 180; late > 60; late -= 40) delay.on_complete(ms(late), now);
    EXPECT_EQ(delay.current(), before) << "repairs of what was lost";
    delay.on_complete(ms(180), now + ms(60));
    EXPECT_EQ(delay.current(), before) << "waited behind these";
    for (const StreamTime end = now + ms(1'000); now < end; now = now + ms(interval))
      delay.on_complete(ms(60), now + ms(60));
    delay.on_complete(ms(60 + interval), now + ms(60));
    EXPECT_EQ(delay.current(), std::max(before, ms(70 + interval))) << "captured since";
  }
}

TEST(PlayoutDelay, SmallStepsAddUp) {
  PlayoutDelay delay(std::nullopt);
  delay.on_complete(ms(10), StreamTime());
  for (int us = 0; us <= 2'000'000; us += 7) delay.on_time(StreamTime::from_us(us));
  EXPECT_NEAR(static_cast<double>(delay.current().us()), 60'000, 100);
}

}  // namespace
}  // namespace swarmcast::chunk
