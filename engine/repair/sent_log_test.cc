#include "engine/repair/sent_log.h"

#include <gtest/gtest.h>

namespace swarmcast::repair {
namespace {

FragmentId fragment(uint32_t number, uint8_t index) {
  return {{kAudioTrack, FrameNumber(number)}, index};
}

TEST(SentLog, RemembersWhatWasSentUnderANumber) {
  SentLog log(16);
  for (uint32_t i = 0; i < 20; ++i)
    EXPECT_EQ(log.record(Instant::from_ms(100 + i), fragment(i, 200), 1'156), LinkSequence(i));
  EXPECT_EQ(log.next(), LinkSequence(20));
  const auto sent = log.lookup(LinkSequence(7));
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->fragment, fragment(7, 200));
  EXPECT_EQ(sent->sent, Instant::from_ms(107));
  EXPECT_EQ(sent->size, 1'156u);
}

TEST(SentLog, KnowsNothingOfTheFutureAndTheDistantPast) {
  SentLog log(16);
  EXPECT_FALSE(log.lookup(LinkSequence(0)));
  for (uint32_t i = 0; i < 20; ++i) log.record(Instant(), fragment(i, 0), 1);
  EXPECT_FALSE(log.lookup(LinkSequence(3)));
  EXPECT_TRUE(log.lookup(LinkSequence(4)));
  EXPECT_TRUE(log.lookup(LinkSequence(19)));
  EXPECT_FALSE(log.lookup(LinkSequence(20)));
  EXPECT_FALSE(log.lookup(log.unwrap(20)));
}

TEST(SentLog, UnwrapsAcrossTheWrap) {
  SentLog log;
  for (uint32_t i = 0; i < 65'546; ++i) log.record(Instant(), fragment(i, 0), 1);
  EXPECT_EQ(log.lookup(log.unwrap(65'530))->fragment, fragment(65'530, 0));
  EXPECT_EQ(log.lookup(log.unwrap(3))->fragment, fragment(65'539, 0));
}

TEST(SentLog, ARepeatedNakIsAnsweredOnce) {
  SentLog log(16);
  const Duration srtt = Duration::millis(60);
  log.record(Instant::from_ms(1'000), fragment(1, 0), 1);
  EXPECT_TRUE(log.take_nak(LinkSequence(0), Instant::from_ms(1'060), srtt));
  EXPECT_FALSE(log.take_nak(LinkSequence(0), Instant::from_ms(1'068), srtt));
  EXPECT_TRUE(log.take_nak(LinkSequence(0), Instant::from_ms(1'130), srtt));
  EXPECT_FALSE(log.take_nak(LinkSequence(1), Instant::from_ms(1'130), srtt));
}

}  // namespace
}  // namespace swarmcast::repair
