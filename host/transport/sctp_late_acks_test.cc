#include "host/transport/sctp_late_acks.h"

#include <gtest/gtest.h>

#include "host/transport/sctp_packets_for_test.h"
#include "host/transport/sctp_receiver_shim.h"

namespace swarmcast::transport {
namespace {

using Gaps = std::vector<std::pair<uint16_t, uint16_t>>;

// A stream of whole messages from `base` on, each acknowledged by our stack at once.
class LateAcksTest : public testing::TestWithParam<uint32_t> {
 protected:
  static constexpr int kChunksPerTick = 6;

  uint32_t sack(uint32_t cumulative, const Gaps& gaps = {}) {
    SctpBytes packet = sctp_packet({sack_chunk(cumulative, gaps)});
    acks_.on_sent(packet);
    return parse_sack(*SctpChunks(packet).next()).cumulative;
  }
  void receive(const SctpBytes& chunk) { acks_.on_received(sctp_packet({chunk})); }
  // The next message; by how much its SACK lags.
  uint32_t message(uint8_t flags = kWhole) {
    if (++number_ % kChunksPerTick == 0 && ticks_) {
      EXPECT_EQ(acks_.on_tick(), std::nullopt);
    }
    receive(data_chunk(GetParam() + number_, {.flags = flags}));
    const uint32_t told = sack(GetParam() + number_);
    EXPECT_FALSE(tsn_after(told_, told)) << "SACKs never go back";
    stuck_ = told == told_ ? stuck_ + 1 : 0;
    most_stuck_ = std::max(most_stuck_, stuck_);
    told_ = told;
    return GetParam() + number_ - told;
  }
  // The largest lag of as many messages.
  uint32_t largest(int messages) {
    uint32_t most = 0;
    for (int i = 0; i < messages; ++i) most = std::max(most, message());
    return most;
  }
  SctpLateAcks acks_;
  bool ticks_ = true;
  int stuck_ = 0, most_stuck_ = 0;  // SACKs in a row that tell nothing new
  uint32_t number_ = 0;
  uint32_t told_ = GetParam();
};

TEST_P(LateAcksTest, LagUntilTheReserveIsLearntAndThenNoMore) {
  uint32_t before = 0;
  for (int i = 0; i < 100; ++i) {
    const uint32_t lag = message();
    EXPECT_LE(lag, before + 1) << "the window grows by one packet at a time";
    before = lag;
  }
  EXPECT_GT(before, 10u);
  // Ten ticks' worth, 250 ms, is the most at this rate.
  EXPECT_NEAR(largest(1'000), 10 * kChunksPerTick, 10);
  EXPECT_EQ(largest(1'000), 0u);
}

TEST_P(LateAcksTest, ASilenceIsToldTheTruthAndRepeatsIt) {
  largest(150);
  ASSERT_GT(message(), 10u);
  acks_.on_tick();
  int repeats = 0;
  while (const auto packet = acks_.on_tick()) {
    ASSERT_LT(++repeats, 100);
    EXPECT_TRUE(has_sctp_checksum(*packet) && is_acceptable_sctp(*packet));
    EXPECT_EQ(parse_sack(*SctpChunks(*packet).next()).cumulative, GetParam() + number_);
  }
  EXPECT_GT(repeats, 5);
  told_ = GetParam() + number_;
  message();
}

TEST_P(LateAcksTest, WhatComesSeldomIsAcknowledgedAtOnce) {
  for (int i = 0; i < 500; ++i) {
    EXPECT_EQ(message(), 0u);
    for (int tick = 0; tick < 8; ++tick) EXPECT_EQ(acks_.on_tick(), std::nullopt);
  }
}

TEST_P(LateAcksTest, AWindowThatWasCutLearnsSlowlyAgain) {
  largest(2'000);
  SctpBytes forward(kForwardTsnSize);
  ByteWriter writer(forward);
  write_forward_tsn(writer, GetParam() + number_);
  receive(forward);
  EXPECT_EQ(largest(100), 0u);
  EXPECT_LE(largest(1'000), 1'000 / SctpLateAcks::kAvoidanceStep + 1);
  // A message cut to fit: the window is full.
  const uint32_t lag = message();
  for (int i = 0; i < 10; ++i) message(SctpData::kBegin | SctpData::kUnordered);
  EXPECT_LT(message(), lag);
}

TEST_P(LateAcksTest, EndsEvenIfTheWindowDoesNotGrow) {
  for (int i = 0; i < 200; ++i) message();
  uint32_t lag = 1;
  for (int i = 0; i < 2'000; ++i) lag = message(SctpData::kBegin | SctpData::kUnordered);
  EXPECT_EQ(lag, 0u);
}

// After a hold-up of the machine what was held up comes at once, and the stream looks faster for a
// moment: that is no reason to tell nothing new for as long as the whole lag lasts.
TEST_P(LateAcksTest, AStreamThatHurriesLearnsFromTheStart) {
  largest(2'000);
  for (const int chunks_per_tick : {3 * kChunksPerTick, 2 * kChunksPerTick}) {
    ASSERT_EQ(message(), 0u);
    ticks_ = false;
    for (int tick = 0; tick < 60; ++tick) {
      for (int i = 0; i < chunks_per_tick; ++i) message();
      acks_.on_tick();
    }
    ticks_ = true;
    EXPECT_LE(most_stuck_, 1);
    largest(3'000);
  }
}

// A SACK that shows a gap would tell all that the lag holds back: the sender would then hear
// nothing new until our SACKs have caught up with it.
TEST_P(LateAcksTest, AGapThatIsSoonClosedIsNotShownWhileSacksLag) {
  largest(150);
  const uint32_t lag = message();
  ASSERT_GT(lag, 10u);
  for (const Gaps& gaps : {Gaps{{2, 2}}, Gaps{{2, 3}, {5, 5}}}) {
    SctpBytes packet = sctp_packet({sack_chunk(GetParam() + number_, gaps, 1)});
    acks_.on_sent(packet);
    EXPECT_TRUE(is_acceptable_sctp(packet));
    const SctpSack seen = parse_sack(*SctpChunks(packet).next());
    EXPECT_EQ(seen.cumulative, told_);
    EXPECT_EQ(seen.gaps, 0);
  }
  number_ += 3;  // lost, and skipped
  EXPECT_LE(message(), lag + 4);
  EXPECT_GT(largest(20), lag);
}

TEST_P(LateAcksTest, AGapThatStaysIsShown) {
  largest(150);
  ASSERT_GT(message(), 10u);
  const uint32_t cumulative = GetParam() + number_;
  int hidden = 0;
  for (; sack(cumulative, {{2, 3}}) != cumulative; ++hidden) ASSERT_LT(hidden, 10);
  EXPECT_GE(hidden, SctpReceiverShim::kChunksAboveGap - 1);
  told_ = cumulative;  // nothing goes back behind it
  message();
}

TEST_P(LateAcksTest, GapsPassAsTheyAreWhereNothingLags) {
  EXPECT_EQ(sack(GetParam() + 1, {{2, 3}}), GetParam() + 1);
  largest(2'000);
  EXPECT_EQ(sack(GetParam() + number_ + 1, {{2, 3}}), GetParam() + number_ + 1);
}

INSTANTIATE_TEST_SUITE_P(Bases, LateAcksTest, testing::Values(1'000, 0xffff'ff80, 0x7fff'ffc0));

}  // namespace
}  // namespace swarmcast::transport
