// The two shims packet by packet; sctp_association_test.cc has them at work.
#include <gtest/gtest.h>

#include "engine/base/random.h"
#include "host/transport/sctp_packets_for_test.h"
#include "host/transport/sctp_receiver_shim.h"
#include "host/transport/sctp_sender_shim.h"

namespace swarmcast::transport {
namespace {

constexpr uint32_t kBases[] = {1'000, 0xffff'fffd, 0x7fff'fffe};  // the second wraps

constexpr uint8_t kFirst = SctpData::kBegin | SctpData::kUnordered;
constexpr uint8_t kMiddle = SctpData::kUnordered;
constexpr uint8_t kLast = SctpData::kEnd | SctpData::kUnordered;

class ReceiverShimTest : public testing::TestWithParam<uint32_t> {
 protected:
  // Everything up to and including TSN base has arrived.
  void start() {
    shim_.on_user_message();
    shim_.on_sent(sctp_packet({sack_chunk(base(), {})}));
  }
  static uint32_t base() { return GetParam(); }
  // What the shim inserts for the chunk base + n, as an offset from base.
  std::optional<uint32_t> arrives(uint32_t n, uint8_t flags = kWhole) {
    const auto forward = shim_.on_received(sctp_packet({data_chunk(base() + n, {.flags = flags})}));
    return forward ? std::optional(*forward - base()) : std::nullopt;
  }
  SctpReceiverShim shim_;
};

TEST_P(ReceiverShimTest, ThreeChunksAboveAGapCloseIt) {
  start();
  EXPECT_EQ(arrives(1), std::nullopt);
  EXPECT_EQ(arrives(3), std::nullopt);
  EXPECT_EQ(arrives(4), std::nullopt);
  EXPECT_EQ(arrives(5), 2u);
  EXPECT_EQ(arrives(6), std::nullopt);
  // A second gap, wider; then two at once.
  arrives(9), arrives(10);
  EXPECT_EQ(arrives(11), 8u);
  arrives(13), arrives(15);
  EXPECT_EQ(arrives(16), 12u);
  EXPECT_EQ(arrives(17), 14u);
}

TEST_P(ReceiverShimTest, WhatIsOnlyOutOfOrderIsNotSkipped) {
  start();
  arrives(2), arrives(3);
  EXPECT_EQ(arrives(1), std::nullopt);
  EXPECT_EQ(arrives(4), std::nullopt);
  EXPECT_EQ(arrives(4), std::nullopt);  // nor is a repetition news
  EXPECT_EQ(arrives(6), std::nullopt);
  EXPECT_EQ(arrives(6), std::nullopt);
  EXPECT_EQ(arrives(6), std::nullopt);
  EXPECT_EQ(arrives(5), std::nullopt);
}

TEST_P(ReceiverShimTest, OnlyToJustBeforeTheBeginningOfAMessage) {
  start();
  // 2 is missing from the message 1..4; then 5 and 6 are the next.
  arrives(1, kFirst);
  arrives(3, kMiddle);
  arrives(4, kLast);
  EXPECT_EQ(arrives(5, kFirst), 4u);
  EXPECT_EQ(arrives(6, kLast), std::nullopt);
  // Nothing begins above the gap: wait.
  for (uint32_t n = 8; n < 20; ++n) EXPECT_EQ(arrives(n, kMiddle), std::nullopt) << n;
  EXPECT_EQ(arrives(20), 19u);
}

TEST_P(ReceiverShimTest, NothingIsSkippedBeforeAUserMessageHasArrivedWithoutAGap) {
  for (uint32_t n : {2u, 3u, 4u, 5u}) EXPECT_EQ(arrives(n), std::nullopt);
  shim_.on_sent(sctp_packet({sack_chunk(base(), {{2, 5}})}));
  shim_.on_user_message();
  shim_.on_sent(sctp_packet({sack_chunk(base(), {{2, 5}})}));
  for (uint32_t n : {6u, 7u, 8u, 9u}) EXPECT_EQ(arrives(n), std::nullopt);
  shim_.on_sent(sctp_packet({sack_chunk(base() + 9, {})}));
  arrives(11), arrives(12);
  EXPECT_EQ(arrives(13), 10u);
}

TEST_P(ReceiverShimTest, WhatIsInOrderedUseIsNotSkipped) {
  start();
  const uint8_t ordered = SctpData::kBegin | SctpData::kEnd;
  for (uint32_t n = 2; n < 10; ++n) EXPECT_EQ(arrives(n, ordered), std::nullopt) << n;
  shim_.disable();
  for (uint32_t n = 10; n < 20; ++n) EXPECT_EQ(arrives(n), std::nullopt) << n;
}

TEST_P(ReceiverShimTest, ThePeersOwnForwardTsnIsFollowed) {
  start();
  arrives(2), arrives(3);
  shim_.on_sent(sctp_packet({sack_chunk(base() + 3, {})}));
  EXPECT_EQ(arrives(4), std::nullopt);
  arrives(6), arrives(7);
  EXPECT_EQ(arrives(8), 5u);
  shim_.on_sent(sctp_packet({sack_chunk(base() + 5'000, {})}));
  arrives(5'002), arrives(5'003);
  EXPECT_EQ(arrives(5'004), 5'001u);
}

TEST_P(ReceiverShimTest, ManyChunksInOnePacketCountEach) {
  start();
  const auto forward = shim_.on_received(sctp_packet(
      {data_chunk(base() + 2, {}), data_chunk(base() + 3, {}), data_chunk(base() + 4, {})}));
  EXPECT_EQ(forward, base() + 1);
}

INSTANTIATE_TEST_SUITE_P(Bases, ReceiverShimTest, testing::ValuesIn(kBases));

class SenderShimTest : public testing::TestWithParam<uint32_t> {
 protected:
  static uint32_t base() { return GetParam(); }
  void sent(uint32_t n, uint32_t ppid = kBinaryPpid) {
    shim_.on_sent(sctp_packet({data_chunk(base() + n, {.ppid = ppid})}));
  }
  // The SACK as our stack sees it: its cumulative TSN as an offset from base; nullopt if it has
  // passed as it was.
  std::optional<uint32_t> sack(uint32_t n, const std::vector<std::pair<uint16_t, uint16_t>>& gaps) {
    packet_ = sctp_packet({sack_chunk(base() + n, gaps, 2), data_chunk(5, {.payload = 9})});
    const SctpBytes before = packet_;
    MutableByteSpan span = packet_;
    if (!shim_.on_received(span)) {
      EXPECT_TRUE(equal(before, span));
      return std::nullopt;
    }
    SctpChunks chunks(span);
    const auto chunk = chunks.next();
    EXPECT_EQ(chunk->bytes.size(), SctpSack::kFixedSize);
    EXPECT_EQ(parse_sack(*chunk).gaps, 0);
    EXPECT_EQ(parse_data(*chunks.next()).tsn, 5u);
    EXPECT_TRUE(is_acceptable_sctp(span));
    return parse_sack(*chunk).cumulative - base();
  }
  // What the peer is told to give up, if anything.
  std::optional<uint32_t> told() {
    const auto packet = shim_.forward_tsn();
    if (!packet) return std::nullopt;
    EXPECT_TRUE(has_sctp_checksum(*packet) && is_acceptable_sctp(*packet));
    ByteReader reader(SctpChunks(*packet).next()->bytes.subspan(SctpChunk::kHeaderSize));
    return reader.u32() - base();
  }
  // Of the SACKs of the shim's own in so many ticks, what the last acknowledges.
  std::optional<uint32_t> pass(uint32_t ticks) {
    std::optional<uint32_t> out;
    for (uint32_t i = 0; i < ticks; ++i) {
      const auto packet = shim_.on_tick();
      if (!packet) continue;
      EXPECT_TRUE(has_sctp_checksum(*packet) && is_acceptable_sctp(*packet));
      const SctpSack sack = parse_sack(*SctpChunks(*packet).next());
      EXPECT_EQ(sack.gaps, 0);
      out = sack.cumulative - base();
    }
    return out;
  }
  std::optional<uint32_t> filled_in() { return pass(2 * SctpSenderShim::kSilentTicks); }
  SctpSenderShim shim_;
  SctpBytes packet_;
};

TEST_P(SenderShimTest, GapsAreHiddenAndGivenUp) {
  for (uint32_t n = 1; n <= 20; ++n) sent(n);
  EXPECT_EQ(sack(2, {}), std::nullopt);
  EXPECT_EQ(sack(2, {{2, 2}}), 4u);
  EXPECT_EQ(told(), std::nullopt) << "4 may have overtaken 3";
  EXPECT_EQ(sack(2, {{2, 4}}), 6u);
  EXPECT_EQ(told(), 6u);
  EXPECT_EQ(told(), std::nullopt) << "once is enough";
  EXPECT_EQ(sack(2, {{2, 4}, {6, 6}}), 8u);
  EXPECT_EQ(told(), std::nullopt);
  EXPECT_EQ(sack(2, {{2, 4}, {6, 8}}), 10u);
  EXPECT_EQ(told(), 10u);
}

TEST_P(SenderShimTest, ALostForwardTsnIsSentAgain) {
  for (uint32_t n = 1; n <= 20; ++n) sent(n);
  sack(2, {{2, 4}});
  EXPECT_TRUE(told());
  int sacks = 0;
  do {
    ASSERT_LT(++sacks, 100);
    sack(2, {{2, 4}});
  } while (!told());
  EXPECT_GT(sacks, 1);
}

TEST_P(SenderShimTest, TheOpeningOfAChannelMustArrive) {
  sent(1, kDcepPpid);
  for (uint32_t n = 2; n <= 20; ++n) sent(n);
  EXPECT_EQ(sack(0, {{2, 10}}), std::nullopt);
  EXPECT_EQ(told(), std::nullopt);
  EXPECT_EQ(sack(10, {{2, 4}}), 14u);
  EXPECT_EQ(told(), 14u);
}

TEST_P(SenderShimTest, WhatWasNeverSentIsNotAcknowledged) {
  sent(1), sent(2), sent(3);
  EXPECT_EQ(sack(0, {{2, 4}}), std::nullopt);
  EXPECT_EQ(sack(0, {{2, 0xffff}}), std::nullopt);
  EXPECT_EQ(sack(0, {{3, 2}}), std::nullopt);
  EXPECT_EQ(sack(0, {{0, 2}}), std::nullopt);
  EXPECT_EQ(sack(0, {{2, 3}, {2, 3}}), std::nullopt);
  EXPECT_EQ(told(), std::nullopt);
  EXPECT_EQ(sack(0, {{2, 3}}), 3u);
}

TEST_P(SenderShimTest, SilenceIsFilledWithAnAcknowledgementOfAllThatWasSent) {
  EXPECT_EQ(filled_in(), std::nullopt);
  for (uint32_t n = 1; n <= 5; ++n) sent(n);
  EXPECT_EQ(filled_in(), 5u);
  EXPECT_EQ(filled_in(), std::nullopt) << "nothing is under way";
  sent(6);
  sack(4, {});
  EXPECT_EQ(filled_in(), 6u);
  // It goes on at each tick until the peer has told something new.
  sent(7);
  pass(SctpSenderShim::kSilentTicks);
  for (uint32_t n = 8; n < 100; ++n) {
    sent(n);
    sack(4, {});
    EXPECT_EQ(pass(1), n);
  }
  sent(100);
  sack(4, {{50, 90}});
  EXPECT_EQ(pass(SctpSenderShim::kSilentTicks - 1), std::nullopt);
  EXPECT_EQ(pass(1), 100u);
  EXPECT_EQ(told(), 94u) << "which is for the peer's own SACKs to say";
}

TEST_P(SenderShimTest, WhatThePeerAcknowledgesInTimeIsLeftToIt) {
  for (uint32_t n = 1; n < 100; ++n) {
    sent(n);
    EXPECT_EQ(pass(SctpSenderShim::kSilentTicks - 1), std::nullopt);
    sack(n - 1, {});
    sack(n, {});
  }
  EXPECT_EQ(filled_in(), std::nullopt);
  // Nor does a SACK of what was never sent count.
  sent(100);
  pass(SctpSenderShim::kSilentTicks - 1);
  sack(101, {});
  EXPECT_EQ(pass(1), 100u);
}

TEST_P(SenderShimTest, TheOpeningOfAChannelIsNotAcknowledgedInThePeersPlace) {
  sent(1, kDcepPpid);
  sent(2);
  EXPECT_EQ(filled_in(), std::nullopt);
  sack(1, {});
  EXPECT_EQ(filled_in(), 2u);
}

INSTANTIATE_TEST_SUITE_P(Bases, SenderShimTest, testing::ValuesIn(kBases));

TEST(SctpShimsTest, AcceptableGarbageDoesNoHarm) {
  constexpr uint64_t kSeed = 12;
  Prng random(kSeed);
  SctpReceiverShim receiver;
  SctpSenderShim sender;
  receiver.on_user_message();
  for (int round = 0; round < 50'000; ++round) {
    const auto near = [&] { return 0xffff'ff00u + static_cast<uint32_t>(random.below(3'000)); };
    const uint16_t start = static_cast<uint16_t>(random.next());
    SctpBytes packet = sctp_packet(
        {sack_chunk(near(), {{start, static_cast<uint16_t>(start + random.below(9))}}),
         data_chunk(near(), {.flags = static_cast<uint8_t>(random.next()), .payload = 4})});
    for (uint64_t n = random.below(3); n > 0; --n) {
      packet[random.below(packet.size())] = static_cast<uint8_t>(random.next());
    }
    (random.chance(0.3) ? receiver.on_sent(packet) : sender.on_sent(packet));
    if (!is_acceptable_sctp(packet)) continue;
    receiver.on_received(packet);
    MutableByteSpan span = packet;
    sender.on_received(span);
    EXPECT_TRUE(is_acceptable_sctp(span)) << "seed " << kSeed << ", round " << round;
    sender.forward_tsn();
    const auto own = sender.on_tick();
    EXPECT_TRUE(!own || is_acceptable_sctp(*own)) << "seed " << kSeed << ", round " << round;
  }
}

}  // namespace
}  // namespace swarmcast::transport
