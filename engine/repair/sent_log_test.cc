#include "engine/repair/sent_log.h"

#include <gtest/gtest.h>

#include "engine/base/times_for_test.h"

namespace swarmcast::repair {
namespace {

constexpr Duration kRtt = Duration::millis(60);

FragmentId fragment(uint32_t number, uint8_t index) {
  return {{kVideoTrack, FrameNumber(number)}, index};
}

// Sends all fragments of frame 1, `total` of them, at time 0: numbers 0 .. total - 1.
void send_frame(SentLog& log, uint8_t total) {
  for (uint8_t i = 0; i < total; ++i) log.record(at(0), fragment(1, i));
}

TEST(SentLog, RemembersWhatWasSentUnderANumber) {
  SentLog log(16);
  for (uint32_t i = 0; i < 20; ++i)
    EXPECT_EQ(log.record(at(100 + i), fragment(i, 200)), LinkSequence(i));
  EXPECT_EQ(log.next(), LinkSequence(20));
  EXPECT_EQ(log.lookup(LinkSequence(7)), fragment(7, 200));
}

TEST(SentLog, KnowsNothingOfTheFutureAndTheDistantPast) {
  SentLog log(16);
  EXPECT_FALSE(log.lookup(LinkSequence(0)));
  for (uint32_t i = 0; i < 20; ++i) log.record(at(0), fragment(i, 0));
  EXPECT_FALSE(log.lookup(LinkSequence(3)));
  EXPECT_TRUE(log.lookup(LinkSequence(4)));
  EXPECT_TRUE(log.lookup(LinkSequence(19)));
  EXPECT_FALSE(log.lookup(LinkSequence(20)));
  EXPECT_FALSE(log.lookup(log.unwrap(20)));
  EXPECT_EQ(log.on_nak(LinkSequence(3), at(0), kRtt, 4), NakAnswer::kSettled);
  EXPECT_EQ(log.on_nak(LinkSequence(20), at(0), kRtt, 4), NakAnswer::kSettled);
}

TEST(SentLog, UnwrapsAcrossTheWrap) {
  SentLog log;
  for (uint32_t i = 0; i < 65'546; ++i) log.record(at(0), fragment(i, 0));
  EXPECT_EQ(log.lookup(log.unwrap(65'530)), fragment(65'530, 0));
  EXPECT_EQ(log.lookup(log.unwrap(3)), fragment(65'539, 0));
}

TEST(SentLog, ANakIsAnsweredOnceARoundTrip) {
  SentLog log(64);
  send_frame(log, 4);
  EXPECT_EQ(log.on_nak(LinkSequence(1), at(60), kRtt, 4), NakAnswer::kResend);
  EXPECT_EQ(log.on_nak(LinkSequence(1), at(68), kRtt, 4), NakAnswer::kWait);  // not sent yet
  log.record(at(70), fragment(1, 1), LinkSequence(1));
  EXPECT_EQ(log.on_nak(LinkSequence(1), at(82), kRtt, 4), NakAnswer::kWait);
}

TEST(SentLog, WhatParityReplacesIsSettled) {
  SentLog log(64);
  send_frame(log, 6);  // 4 source, 2 parity
  EXPECT_EQ(log.on_nak(LinkSequence(0), at(60), kRtt, 4), NakAnswer::kSettled);
  EXPECT_EQ(log.on_nak(LinkSequence(1), at(60), kRtt, 4), NakAnswer::kSettled);
  EXPECT_EQ(log.on_nak(LinkSequence(2), at(60), kRtt, 4), NakAnswer::kResend);
}

TEST(SentLog, AskedForAgainAfterARoundTripTheRepairIsLost) {
  SentLog log(64);
  send_frame(log, 4);
  ASSERT_EQ(log.on_nak(LinkSequence(1), at(60), kRtt, 4), NakAnswer::kResend);
  log.record(at(60), fragment(1, 1), LinkSequence(1));
  EXPECT_EQ(log.on_nak(LinkSequence(1), at(119), kRtt, 4), NakAnswer::kWait);
  EXPECT_EQ(log.on_nak(LinkSequence(1), at(120), kRtt, 4), NakAnswer::kResend);
}

// What is under way twice counts once, and the loss of one copy is not that of the fragment.
// A link that is slower than its losses must not be given the same repair twice.
TEST(SentLog, WhatIsStillQueuedIsNotPromisedAgain) {
  SentLog log(64);
  send_frame(log, 4);
  ASSERT_EQ(log.on_nak(LinkSequence(1), at(60), kRtt, 4), NakAnswer::kResend);
  for (int64_t t = 61; t < 1'000; t += 20)
    ASSERT_EQ(log.on_nak(LinkSequence(1), at(t), kRtt, 4), NakAnswer::kWait) << t;
  EXPECT_EQ(log.on_nak(LinkSequence(1), at(1'100), kRtt, 4), NakAnswer::kResend) << "dropped";
}

TEST(SentLog, CopiesAreOneFragment) {
  SentLog log(64);
  send_frame(log, 4);
  ASSERT_EQ(log.on_nak(LinkSequence(0), at(60), kRtt, 4), NakAnswer::kResend);
  ASSERT_EQ(log.on_nak(LinkSequence(1), at(60), kRtt, 4), NakAnswer::kResend);
  const LinkSequence copy = log.record(at(60), fragment(1, 0), LinkSequence(0));
  const LinkSequence other = log.record(at(60), fragment(1, 0), LinkSequence(0));
  log.record(at(60), fragment(1, 1), LinkSequence(1));
  EXPECT_EQ(log.on_nak(copy, at(125), kRtt, 4), NakAnswer::kSettled);
  EXPECT_EQ(log.on_nak(LinkSequence(1), at(125), kRtt, 4), NakAnswer::kResend);
  EXPECT_EQ(log.on_nak(other, at(125), kRtt, 4), NakAnswer::kResend) << "the last copy";
}

TEST(SentLog, CountsTheProofsThatAreNotKnownToBeLost) {
  SentLog log(64);
  EXPECT_EQ(log.proofs_beside(fragment(1, 4)), 0u);
  for (uint8_t i = 0; i < 5; ++i) log.record(at(0), fragment(1, i), std::nullopt, i > 1);
  EXPECT_EQ(log.proofs_beside(fragment(1, 4)), 2u);
  EXPECT_EQ(log.proofs_beside(fragment(1, 0)), 1u) << "a copy of it is lost with it";
  EXPECT_EQ(log.proofs_beside(fragment(2, 4)), 0u) << "another frame's";
  EXPECT_EQ(log.on_nak(LinkSequence(0), at(60), kRtt, 5), NakAnswer::kResend);
  EXPECT_EQ(log.proofs_beside(fragment(1, 4)), 1u);
  log.record(at(60), fragment(1, 0), LinkSequence(0), true);
  EXPECT_EQ(log.proofs_beside(fragment(1, 4)), 1u) << "a lean repair proves nothing";
}

TEST(SentLog, WhatParityReplacesIsSentAgainIfNothingProvesTheFrame) {
  SentLog log(64);
  for (uint8_t i = 0; i < 8; ++i) log.record(at(0), fragment(1, i), std::nullopt, i > 1);
  EXPECT_EQ(log.on_nak(LinkSequence(0), at(60), kRtt, 4), NakAnswer::kSettled);
  EXPECT_EQ(log.on_nak(LinkSequence(1), at(60), kRtt, 4), NakAnswer::kResend);
  log.record(at(60), fragment(1, 1), LinkSequence(1));
  EXPECT_EQ(log.on_nak(LinkSequence(2), at(60), kRtt, 4), NakAnswer::kSettled);
}

TEST(SentLog, ALostRepairMayBeAskedForByItsOwnNumber) {
  SentLog log(64);
  send_frame(log, 4);
  ASSERT_EQ(log.on_nak(LinkSequence(1), at(60), kRtt, 4), NakAnswer::kResend);
  const LinkSequence repair = log.record(at(60), fragment(1, 1), LinkSequence(1));
  EXPECT_EQ(log.on_nak(repair, at(125), kRtt, 4), NakAnswer::kResend);
}

TEST(SentLog, TakesNoMemoryUntilSomethingIsSent) {
  SentLog log;
  EXPECT_EQ(log.memory(), 0u);
  EXPECT_FALSE(log.lookup(LinkSequence(0)));
  EXPECT_EQ(log.proofs_beside(fragment(1, 0)), 0u);
}

// One message every 20 ms needs no more memory in an hour than in the span.
TEST(SentLog, GrowsWithTheRateAndNotWithTime) {
  SentLog log;
  const auto send_until = [&](int64_t end_ms) {
    while (static_cast<int64_t>(log.next().value()) * 20 < end_ms)
      log.record(at(static_cast<int64_t>(log.next().value()) * 20), fragment(7, 0));
  };
  send_until((SentLog::kSpan * 2).ms());
  const size_t before = log.memory();
  send_until(3'600'000);
  EXPECT_EQ(log.memory(), before);
  for (int64_t back = 0; back * 20 <= SentLog::kSpan.ms(); ++back)
    ASSERT_TRUE(log.lookup(LinkSequence(log.next().value() - 1 - static_cast<uint64_t>(back))));
}

TEST(SentLog, NeverGrowsBeyondItsCapacity) {
  SentLog log(64), full(64);
  for (uint32_t i = 0; i < 64; ++i) full.record(at(0), fragment(i, 0));
  for (uint32_t i = 0; i < 10'000; ++i) log.record(at(0), fragment(i, 0));
  EXPECT_EQ(log.memory(), full.memory());
  EXPECT_TRUE(log.lookup(LinkSequence(10'000 - 64)));
  EXPECT_FALSE(log.lookup(LinkSequence(10'000 - 65)));
}

// What was said of a number holds after the ring has grown.
TEST(SentLog, ForgetsNothingWhenItGrows) {
  SentLog log;
  send_frame(log, 4);
  ASSERT_EQ(log.on_nak(LinkSequence(1), at(60), kRtt, 4), NakAnswer::kResend);
  const LinkSequence repair = log.record(at(60), fragment(1, 1), LinkSequence(1));
  for (uint32_t i = 0; i < 1'000; ++i) log.record(at(61), fragment(2 + i / 10, 0));
  EXPECT_TRUE(log.was_repaired(repair));
  EXPECT_EQ(log.lookup(LinkSequence(3)), fragment(1, 3));
  EXPECT_EQ(log.on_nak(LinkSequence(1), at(80), kRtt, 4), NakAnswer::kWait);
}

}  // namespace
}  // namespace swarmcast::repair
