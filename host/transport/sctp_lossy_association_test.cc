// Associations on paths that lose, reorder and cut: what the shims are for.
#include <gtest/gtest.h>

#include <map>

#include "host/transport/sctp_association.h"
#include "host/transport/sctp_stream_for_test.h"

namespace swarmcast::transport {
namespace {

using Packet = SctpPipe::Packet;
using End = SctpPipe::End;

// The shims at work: which side has one.
struct Shims {
  const char* name;
  bool sender, receiver;
};
struct Cell {
  Shims shims;
  LossPattern loss;
};

class LossyAssociationTest : public testing::TestWithParam<Cell> {
 protected:
  void open() {
    SctpOptions from = kClient, to = kServer;
    from.sender_shim = GetParam().shims.sender;
    from.receiver_shim = to.sender_shim = false;
    to.receiver_shim = to.late_acks = GetParam().shims.receiver;  // which hide gaps it closes
    pipe_.connect(from, to);
    ASSERT_TRUE(pipe_.open());
    // Both directions suffer: SACKs are lost, too.
    pipe_.a.losses = LossProcess(GetParam().loss, kSeed);
    pipe_.b.losses = LossProcess(GetParam().loss, kSeed + 1);
  }
  static constexpr uint64_t kSeed = 17;
  SctpPipe pipe_;
  Stream stream_{pipe_, pipe_.a, pipe_.b};
};

TEST_P(LossyAssociationTest, WhatIsNotLostArrivesAndNothingStalls) {
  ASSERT_NO_FATAL_FAILURE(open());
  stream_.run(4'000);
  EXPECT_GE(stream_.arrived_of_the_unlost(), 0.99) << "seed " << kSeed;
  EXPECT_LE(stream_.delay(0.5), SctpPipe::kOneWay + Duration::millis(5));
  EXPECT_LE(stream_.delay(0.99), SctpPipe::kOneWay + Duration::millis(60));
  EXPECT_LE(stream_.longest_silence(), Duration::millis(300));
}

constexpr Shims kReceiver{"Receiver", false, true}, kSender{"Sender", true, false},
    kBothShims{"Both", true, true}, kNeither{"Neither", false, false};

std::vector<Cell> cells() {
  std::vector<Cell> out;
  for (const Shims& shims : {kReceiver, kSender, kBothShims}) {
    for (const LossPattern& loss : {LossPattern{0}, {0.01}, {0.05}, {0.1}, {0.05, 8}, {0.1, 20}}) {
      out.push_back({shims, loss});
    }
  }
  return out;
}

std::string name(const testing::TestParamInfo<Cell>& info) {
  return std::string(info.param.shims.name) +
         std::to_string(static_cast<int>(info.param.loss.share * 100)) + "Burst" +
         std::to_string(static_cast<int>(info.param.loss.burst));
}

INSTANTIATE_TEST_SUITE_P(Cells, LossyAssociationTest, testing::ValuesIn(cells()), name);

class StallingAssociationTest : public LossyAssociationTest {};

// What the shims are for, and the proof that the tests above would notice without them.
TEST_P(StallingAssociationTest, WithoutShimsTheStreamStalls) {
  ASSERT_NO_FATAL_FAILURE(open());
  stream_.run(4'000);
  EXPECT_LT(stream_.arrived_of_the_unlost(), 0.7);
  EXPECT_GT(stream_.delay(0.5), SctpPipe::kOneWay * 3);
}

INSTANTIATE_TEST_SUITE_P(Cells, StallingAssociationTest,
                         testing::Values(Cell{kNeither, {0.05}}, Cell{kNeither, {0.1}},
                                         Cell{kNeither, {0.05, 8}}),
                         name);

// A path that takes everything for a while, counted in packets as an emulator's bursts are: what
// tries again one packet at a time stays in it for long. The stream is 2 Mbit/s.
class BurstyAssociationTest : public LossyAssociationTest {
 protected:
  static constexpr Duration kInterval = Duration::micros(4'400);
  // The packets [first, first + number) of this end from now on are lost.
  static void lose(End& from, size_t first, size_t number) {
    from.on_path = [=, seen = size_t{0}](Packet&) mutable {
      const size_t place = seen++;
      return place < first || place >= first + number;
    };
  }
  void expect_no_stall() {
    EXPECT_EQ(pipe_.a.association->stats().unsent, 0u);
    EXPECT_GE(stream_.arrived_of_the_unlost(), 0.99);
    EXPECT_LE(stream_.delay(0.5), SctpPipe::kOneWay + Duration::millis(10));
    EXPECT_LE(stream_.delay(1), SctpPipe::kOneWay + Duration::millis(150));
  }
};

TEST_P(BurstyAssociationTest, NoBurstOfMessagesFillsTheWindow) {
  ASSERT_NO_FATAL_FAILURE(open());
  lose(pipe_.a, 500, 300);
  stream_.run(2'000, kInterval);
  expect_no_stall();
}

TEST_P(BurstyAssociationTest, NoBurstOfSacksFillsTheWindow) {
  ASSERT_NO_FATAL_FAILURE(open());
  lose(pipe_.b, 500, 300);
  stream_.run(2'000, kInterval);
  expect_no_stall();
}

TEST_P(BurstyAssociationTest, NorOneAtTheVeryBeginning) {
  ASSERT_NO_FATAL_FAILURE(open());
  lose(pipe_.b, 0, 300);
  stream_.run(2'000, kInterval);
  expect_no_stall();
}

TEST_P(BurstyAssociationTest, ManyBurstsBothWays) {
  ASSERT_NO_FATAL_FAILURE(open());
  stream_.run(10'000, kInterval);
  expect_no_stall();
}

// As Chromium acknowledges: then the bursts of half the length do.
TEST_P(BurstyAssociationTest, ASackForEverySecondPacketIsEnough) {
  for (const uint64_t seed : {10, 16, 24, 56}) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    SctpPipe pipe;
    pipe.connect(kClient, {.receiver_shim = false, .sender_shim = false, .late_acks = false});
    ASSERT_TRUE(pipe.open());
    pipe.a.losses = LossProcess(GetParam().loss, seed);
    LossProcess losses(GetParam().loss, seed + 1'000);
    pipe.b.on_path = [&, number = 0](Packet&) mutable {
      return ++number % 2 == 0 && !losses.next();
    };
    Stream stream(pipe, pipe.a, pipe.b);
    stream.run(10'000, kInterval);
    EXPECT_EQ(pipe.a.association->stats().unsent, 0u);
    EXPECT_GE(stream.arrived_of_the_unlost(), 0.99);
    EXPECT_LE(stream.delay(1), SctpPipe::kOneWay + Duration::millis(150));
  }
}

INSTANTIATE_TEST_SUITE_P(Cells, BurstyAssociationTest,
                         testing::Values(Cell{kSender, {0}}, Cell{kBothShims, {0}},
                                         Cell{kSender, {0.05, 8}}, Cell{kSender, {0.1, 20}}),
                         name);

// One direction's TSNs as if the association had begun with another: what the sender of `packet`
// numbers is shifted by `sent`, what it acknowledges by `acknowledged`.
void shift_tsns(Packet& packet, uint32_t sent, uint32_t acknowledged) {
  auto add = [&](size_t at, uint32_t delta) {
    ByteReader reader(ByteSpan(packet).subspan(at));
    const uint32_t tsn = reader.u32();
    ByteWriter writer(MutableByteSpan(packet).subspan(at, 4));
    writer.u32(tsn + delta);
  };
  for_each_chunk(packet, [&](const SctpChunk& chunk) {
    if (chunk.type == SctpChunk::kInit || chunk.type == SctpChunk::kInitAck) {
      add(chunk.offset + 16, sent);
    } else if (chunk.type == SctpChunk::kData || chunk.type == SctpChunk::kForwardTsn) {
      add(chunk.offset + 4, sent);
    } else if (chunk.type == SctpChunk::kSack) {
      add(chunk.offset + 4, acknowledged);
    }
  });
  set_sctp_checksum(packet);
}

class WrappingAssociationTest : public LossyAssociationTest {};

// Each side's TSNs begin at 2^32 - 1,000 as the other sees them. A middlebox does it: INITs cross,
// and those sent again, are of one association.
TEST_P(WrappingAssociationTest, ATsnThatWrapsIsOneLikeAnyOther) {
  constexpr uint32_t kInitialTsn = 0xffff'ffff - 999;
  std::map<const End*, uint32_t> shift;
  auto middlebox = [&](const End& from) {
    return [&shift, &from](Packet& packet) {
      for_each_chunk(packet, [&](const SctpChunk& chunk) {
        if (chunk.type != SctpChunk::kInit && chunk.type != SctpChunk::kInitAck) return;
        ByteReader reader(chunk.bytes.subspan(16));
        shift.try_emplace(&from, kInitialTsn - reader.u32());
      });
      shift_tsns(packet, shift[&from], 0 - shift[from.other]);
      return true;
    };
  };
  pipe_.a.on_path = middlebox(pipe_.a);
  pipe_.b.on_path = middlebox(pipe_.b);
  ASSERT_NO_FATAL_FAILURE(open());
  stream_.run(4'000);
  EXPECT_GE(stream_.arrived_of_the_unlost(), 0.99) << "seed " << kSeed;
  EXPECT_LE(stream_.longest_silence(), Duration::millis(300));
}

INSTANTIATE_TEST_SUITE_P(Cells, WrappingAssociationTest,
                         testing::Values(Cell{kReceiver, {0.05}}, Cell{kSender, {0.05}},
                                         Cell{kBothShims, {0.1, 20}}),
                         name);

class ReorderingAssociationTest : public LossyAssociationTest {};

TEST_P(ReorderingAssociationTest, LittleIsLostToReordering) {
  Prng random(kSeed);
  ASSERT_NO_FATAL_FAILURE(open());
  // Every twentieth packet is 5 ms late.
  pipe_.jitter = [&] { return Duration::millis(random.chance(0.05) ? 5 : 0); };
  stream_.run(4'000);
  EXPECT_GE(stream_.arrived_of_the_unlost(), 0.98) << "seed " << kSeed;
  EXPECT_LE(stream_.longest_silence(), Duration::millis(300));
}

INSTANTIATE_TEST_SUITE_P(Cells, ReorderingAssociationTest,
                         testing::Values(Cell{kReceiver, {0}}, Cell{kSender, {0}},
                                         Cell{kBothShims, {0.05}}),
                         name);

class FragmentingAssociationTest : public LossyAssociationTest {};

// As a starved Chromium sends: messages cut in two, either half of which may be lost.
TEST_P(FragmentingAssociationTest, FragmentedMessagesLoseNoOthers) {
  ASSERT_NO_FATAL_FAILURE(open());
  size_t number = 0;
  pipe_.a.on_path = [&](Packet& packet) {
    if (!has_chunk(packet, SctpChunk::kData)) return true;
    // Of five messages, two become the halves of one.
    const size_t place = number++ % 5;
    if (place == 3) packet[kSctpHeaderSize + 1] = SctpData::kUnordered | SctpData::kBegin;
    if (place == 4) packet[kSctpHeaderSize + 1] = SctpData::kUnordered | SctpData::kEnd;
    set_sctp_checksum(packet);
    return true;
  };
  std::map<size_t, size_t> sizes;
  pipe_.b.when_message = [&](ByteSpan message) { ++sizes[message.size()]; };
  for (int i = 0; i < 4'000; ++i) {
    pipe_.a.association->send(Lane::kMedia, Packet(400));
    pipe_.run_for(Duration::millis(2));
  }
  pipe_.run_for(Duration::seconds(2));
  EXPECT_EQ(pipe_.a.closed + pipe_.b.closed, 0);
  EXPECT_GE(sizes[400], number * 3 / 5 * 95 / 100);
  EXPECT_GE(sizes[800], number / 5 * 80 / 100);
}

INSTANTIATE_TEST_SUITE_P(Cells, FragmentingAssociationTest,
                         testing::Values(Cell{kReceiver, {0.05}}, Cell{kReceiver, {0.05, 8}}),
                         name);

}  // namespace
}  // namespace swarmcast::transport
