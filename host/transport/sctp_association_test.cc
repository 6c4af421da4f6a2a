#include "host/transport/sctp_association.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "engine/base/limits.h"
#include "host/transport/sctp_stream_for_test.h"

namespace swarmcast::transport {
namespace {

using Packet = SctpPipe::Packet;
using End = SctpPipe::End;

constexpr size_t kMessageSize = kStreamMessageSize;

SctpOptions without_shims(SctpOptions options) {
  options.receiver_shim = options.sender_shim = false;
  return options;
}

TEST(SctpAssociationTest, MessagesOfBothLanesCross) {
  SctpPipe pipe;
  pipe.connect(kClient, kServer);
  ASSERT_TRUE(pipe.open());
  const Packet largest(kMaxMessageSize, 0x20), smallest{0x40};
  EXPECT_TRUE(pipe.a.association->send(Lane::kMedia, largest));
  EXPECT_TRUE(pipe.a.association->send(Lane::kControl, smallest));
  EXPECT_TRUE(pipe.b.association->send(Lane::kControl, largest));
  pipe.run_for(Duration::millis(100));
  EXPECT_EQ(pipe.b.messages, (std::vector<Packet>{largest, smallest}));
  EXPECT_EQ(pipe.b.lanes, (std::vector<Lane>{Lane::kMedia, Lane::kControl}));
  EXPECT_EQ(pipe.a.messages, std::vector<Packet>{largest});
}

TEST(SctpAssociationTest, OpensInTwoRoundTripsAlsoWhenOneSideBeginsWithTheOthersFirstPacket) {
  SctpPipe pipe;
  const Instant start = pipe.now();
  pipe.a.association = SctpAssociation::create(nullptr, kClient, pipe.a, pipe.a);
  pipe.when_nobody_is_there = [&](End& end, ByteSpan packet) {
    EXPECT_TRUE(is_sctp_init(packet));
    end.association = SctpAssociation::create(nullptr, kServer, end, end);
  };
  ASSERT_TRUE(pipe.open());
  EXPECT_LE(pipe.now() - start, SctpPipe::kOneWay * 4 + Duration::millis(5));
}

TEST(SctpAssociationTest, OpensUnderHeavyLoss) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    SctpPipe pipe;
    pipe.a.losses = LossProcess({.share = 0.3}, seed);
    pipe.b.losses = LossProcess({.share = 0.3}, seed + 100);
    SctpOptions opener = kClient;
    opener.open_channels = seed % 2 == 0;
    pipe.connect(opener, kServer);
    EXPECT_TRUE(pipe.open()) << "seed " << seed;
  }
}

TEST(SctpAssociationTest, OpensOverARelayWithFourHundredMillisecondsOfRoundTrip) {
  SctpPipe pipe;
  pipe.jitter = [] { return Duration::millis(170); };
  size_t inits = 0;
  pipe.a.on_path = [&](Packet& packet) {
    inits += has_chunk(packet, SctpChunk::kInit);
    return true;
  };
  SctpOptions client = kClient, server = kServer;
  client.path = server.path = PathKind::kRelayed;
  pipe.connect(client, server);
  EXPECT_TRUE(pipe.open());
  EXPECT_EQ(inits, 1u) << "it asked again before an answer could have come";
}

TEST(SctpAssociationTest, ChannelsThatThePeerOpensAreServed) {
  SctpPipe pipe;
  SctpOptions opener = kClient;
  opener.open_channels = true;
  pipe.connect(opener, kServer);
  ASSERT_TRUE(pipe.open());
  pipe.run_for(Duration::millis(100));
  // On the streams that the client has chosen, in both directions.
  std::map<uint16_t, size_t> streams;
  auto note = [&](Packet& packet) {
    for_each_chunk(packet, [&](const SctpChunk& chunk) {
      if (chunk.type == SctpChunk::kData) ++streams[chunk.bytes[9]];
    });
    return true;
  };
  pipe.a.on_path = pipe.b.on_path = note;
  for (SctpAssociation* end : {pipe.a.association.get(), pipe.b.association.get()}) {
    EXPECT_TRUE(end->send(Lane::kMedia, Packet{1}));
    EXPECT_TRUE(end->send(Lane::kControl, Packet{2}));
  }
  pipe.run_for(Duration::millis(100));
  EXPECT_EQ(streams, (std::map<uint16_t, size_t>{{0, 2}, {2, 2}}));
  EXPECT_EQ(pipe.b.lanes, (std::vector<Lane>{Lane::kMedia, Lane::kControl}));
  EXPECT_EQ(pipe.a.messages.size(), 2u);
}

TEST(SctpAssociationTest, WhatWeNeverAnnounceIsNotAnnounced) {
  SctpPipe pipe;
  size_t seen = 0;
  auto check = [&](Packet& packet) {
    for_each_chunk(packet, [&](const SctpChunk& chunk) {
      if (chunk.type != SctpChunk::kInit && chunk.type != SctpChunk::kInitAck) return;
      ++seen;
      ByteReader reader(chunk.bytes.subspan(20));
      while (reader.rest().size() >= 4) {
        const uint16_t type = reader.u16();
        const ByteSpan value = reader.bytes((reader.u16() - 4u + 3u) & ~3u);
        EXPECT_NE(type, 0x8001) << "zero checksum";
        EXPECT_NE(type, 0x8000) << "ECN";
        if (type != 0x8008) continue;
        for (const uint8_t extension : {0x40, 0x82, 0xc1, 0x80, 0x0f, 0x81}) {
          EXPECT_EQ(std::ranges::count(value, extension), 0) << int{extension};
        }
      }
    });
    return true;
  };
  pipe.a.on_path = pipe.b.on_path = check;
  pipe.connect(kClient, kServer);
  ASSERT_TRUE(pipe.open());
  EXPECT_GE(seen, 2u);
}

TEST(SctpAssociationTest, EveryPacketIsSmallAndHasAChecksumUnderLossToo) {
  SctpPipe pipe;
  pipe.a.losses = LossProcess({.share = 0.1}, 3);
  size_t forwards = 0;
  auto check = [&](Packet& packet) {
    EXPECT_LE(packet.size(), kMaxSctpPacket);
    EXPECT_TRUE(has_sctp_checksum(packet));
    EXPECT_FALSE(has_chunk(packet, 0x82)) << "RE-CONFIG";
    forwards += has_chunk(packet, SctpChunk::kForwardTsn);
    return true;
  };
  pipe.a.on_path = pipe.b.on_path = check;
  pipe.connect(kClient, without_shims(kServer));
  ASSERT_TRUE(pipe.open());
  Stream(pipe, pipe.a, pipe.b).run(1'000);
  EXPECT_GT(forwards, 50u);
}

TEST(SctpAssociationTest, MessagesThatAreTooLongAreDroppedAndTheNextOnesArrive) {
  // Ours cannot send one: three whole messages are made into the fragments of one on the way.
  SctpPipe pipe;
  pipe.connect(kClient, kServer);
  ASSERT_TRUE(pipe.open());
  int number = 0;
  pipe.a.on_path = [&](Packet& packet) {
    if (!has_chunk(packet, SctpChunk::kData)) return true;
    const uint8_t flags[] = {SctpData::kBegin, 0, SctpData::kEnd};
    if (number < 3) packet[kSctpHeaderSize + 1] = SctpData::kUnordered | flags[number++];
    set_sctp_checksum(packet);
    return true;
  };
  for (uint8_t i = 0; i < 4; ++i) {
    pipe.a.association->send(Lane::kMedia, Packet(kMessageSize, i));
    pipe.run_for(Duration::millis(1));
  }
  pipe.run_for(Duration::millis(500));
  EXPECT_EQ(pipe.b.messages, std::vector<Packet>{Packet(kMessageSize, 3)});
  EXPECT_EQ(pipe.b.association->stats().refused, 1u);
}

TEST(SctpAssociationTest, ClosingTellsThePeer) {
  SctpPipe pipe;
  pipe.connect(kClient, kServer);
  ASSERT_TRUE(pipe.open());
  pipe.a.association->close();
  EXPECT_FALSE(pipe.a.association->send(Lane::kMedia, Packet{1}));
  pipe.run_for(Duration::millis(100));
  EXPECT_EQ(pipe.b.closed, 1);
  EXPECT_EQ(pipe.a.closed, 0);
  EXPECT_FALSE(pipe.b.association->open());
}

TEST(SctpAssociationTest, MayBeDestroyedFromWithinItsEvents) {
  SctpPipe pipe;
  pipe.connect(kClient, kServer);
  ASSERT_TRUE(pipe.open());
  pipe.b.when_message = [&](ByteSpan) { pipe.b.association.reset(); };
  pipe.a.association->send(Lane::kMedia, Packet{1});
  pipe.a.association->send(Lane::kMedia, Packet{2});
  pipe.run_for(Duration::millis(200));
  EXPECT_EQ(pipe.b.messages.size(), 1u);
}

TEST(SctpAssociationTest, ABlackoutOfSecondsIsSurvived) {
  SctpPipe pipe;
  pipe.connect(kClient, kServer);
  ASSERT_TRUE(pipe.open());
  for (const int seconds : {2, 14}) {
    const Instant dark = pipe.now() + Duration::seconds(seconds);
    pipe.a.on_path = pipe.b.on_path = [&](Packet&) { return pipe.now() >= dark; };
    while (pipe.now() < dark) {
      pipe.a.association->send(Lane::kMedia, Packet(kMessageSize));
      pipe.run_for(Duration::millis(5));
    }
    pipe.b.messages.clear();
    pipe.run_for(Duration::seconds(3));
    pipe.a.association->send(Lane::kMedia, Packet{0x77});
    pipe.run_for(Duration::millis(500));
    ASSERT_FALSE(pipe.b.messages.empty()) << seconds;
    EXPECT_EQ(pipe.b.messages.back(), Packet{0x77});
    EXPECT_EQ(pipe.a.closed + pipe.b.closed, 0);
  }
}

TEST(SctpAssociationTest, GarbageNeitherCrashesNorEndsIt) {
  constexpr uint64_t kSeed = 41;
  Prng random(kSeed);
  SctpPipe pipe;
  std::vector<Packet> seen;
  pipe.a.on_path = [&](Packet& packet) {
    if (seen.size() < 50) seen.push_back(packet);
    return true;
  };
  pipe.connect(kClient, kServer);
  ASSERT_TRUE(pipe.open());
  for (uint8_t i = 0; i < 20; ++i) pipe.a.association->send(Lane::kMedia, Packet{i});
  pipe.run_for(Duration::millis(200));
  for (int round = 0; round < 3'000; ++round) {
    Packet packet = seen[random.below(seen.size())];
    for (uint64_t n = 1 + random.below(3); n > 0; --n) {
      packet[kSctpTagOffset + random.below(packet.size() - kSctpTagOffset)] =
          static_cast<uint8_t>(random.next());
    }
    if (random.chance(0.2)) packet.resize(random.below(packet.size()));
    pipe.b.association->receive(packet);  // most have a wrong checksum
  }
  pipe.b.messages.clear();
  pipe.a.association->send(Lane::kMedia, Packet{0x55});
  pipe.run_for(Duration::millis(200));
  ASSERT_FALSE(pipe.b.messages.empty()) << "seed " << kSeed;
  EXPECT_EQ(pipe.b.messages.back(), Packet{0x55});
}

// A peer that does not understand FORWARD-TSN: the shims stay off, and all arrives all the same.
TEST(SctpAssociationTest, PeersWithoutForwardTsnAreServedByTheBook) {
  SctpPipe pipe;
  auto hide = [](Packet& packet) {  // PR-SCTP becomes a parameter that nobody knows
    for_each_chunk(packet, [&](const SctpChunk& chunk) {
      if (chunk.type != SctpChunk::kInit && chunk.type != SctpChunk::kInitAck) return;
      size_t at = chunk.offset + 20;
      while (at + 4 <= chunk.offset + chunk.bytes.size()) {
        ByteReader reader(ByteSpan(packet).subspan(at));
        const uint16_t type = reader.u16();
        if (type == 0xc000 || type == 0x8008) packet[at] = packet[at + 1] = 0xbf;
        at += (reader.u16() + 3u) & ~3u;
      }
    });
    set_sctp_checksum(packet);
    return true;
  };
  pipe.a.on_path = pipe.b.on_path = hide;
  pipe.connect(kClient, kServer);
  ASSERT_TRUE(pipe.open());
  size_t forwards = 0, sent = 0;
  pipe.a.losses = LossProcess({.share = 0.03}, 5);
  pipe.a.on_path = pipe.b.on_path = [&](Packet& packet) {
    forwards += has_chunk(packet, SctpChunk::kForwardTsn);
    return true;
  };
  for (int i = 0; i < 300; ++i) {
    sent += pipe.a.association->send(Lane::kMedia, Packet(kMessageSize));
    pipe.run_for(Duration::millis(50));
  }
  pipe.run_for(Duration::seconds(5));
  EXPECT_EQ(pipe.b.messages.size(), sent) << "without PR-SCTP nothing may be lost";
  EXPECT_EQ(sent, 300u);
  EXPECT_EQ(forwards, 0u);
  EXPECT_EQ(pipe.b.association->stats().gaps_closed, 0u);
  EXPECT_EQ(pipe.a.association->stats().gaps_hidden, 0u);
}

}  // namespace
}  // namespace swarmcast::transport
