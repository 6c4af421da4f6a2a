#include "host/transport/sctp_packet.h"

#include <gtest/gtest.h>

#include <vector>

#include "engine/base/random.h"
#include "host/transport/sctp_packets_for_test.h"

namespace swarmcast::transport {
namespace {

using Packet = SctpBytes;

TEST(SctpPacketTest, TheChecksumIsCrc32c) {
  // RFC 3720, B.4: 32 zero bytes; here four of them are the field itself.
  const Packet zeroes(32);
  EXPECT_EQ(sctp_checksum(zeroes), 0x8a91'36aau);
  Packet packet = sctp_packet({data_chunk(7, {.payload = 5})});
  EXPECT_TRUE(has_sctp_checksum(packet));
  for (size_t i = 0; i < packet.size(); ++i) {
    packet[i] ^= 0x10;
    EXPECT_FALSE(has_sctp_checksum(packet)) << "byte " << i;
    packet[i] ^= 0x10;
  }
}

TEST(SctpPacketTest, ChunksAreCutWithTheirPadding) {
  const Packet packet = sctp_packet({data_chunk(7, {.payload = 1}), sack_chunk(9, {{2, 3}})});
  EXPECT_TRUE(is_acceptable_sctp(packet));
  SctpChunks chunks(packet);
  const auto data = chunks.next();
  ASSERT_TRUE(data);
  EXPECT_EQ(data->bytes.size(), SctpData::kHeaderSize + 1);
  EXPECT_EQ(parse_data(*data).tsn, 7u);
  EXPECT_TRUE(parse_data(*data).begins);
  const auto sack = chunks.next();
  ASSERT_TRUE(sack);
  EXPECT_EQ(parse_sack(*sack).cumulative, 9u);
  ASSERT_EQ(parse_sack(*sack).gaps, 1u);
  EXPECT_EQ(parse_sack(*sack).gap(0).end, 3u);
  EXPECT_FALSE(chunks.next());
  EXPECT_TRUE(chunks.at_end());
}

TEST(SctpPacketTest, WhatIsCutShortIsNotAcceptable) {
  const Packet packet = sctp_packet({sack_chunk(9, {{2, 3}}), data_chunk(7, {.payload = 8})});
  ASSERT_TRUE(is_acceptable_sctp(packet));
  const size_t boundary = kSctpHeaderSize + SctpSack::kFixedSize + 4;
  for (size_t size = 0; size < packet.size(); ++size) {
    EXPECT_EQ(is_acceptable_sctp(ByteSpan(packet).first(size)), size == boundary) << size;
  }
}

TEST(SctpPacketTest, LengthsThatLieAreNotAcceptable) {
  for (const uint16_t length : {0, 3, 16, 21, 0xffff}) {  // DATA with 4 bytes: 20
    Packet packet = sctp_packet({data_chunk(7, {.payload = 4})});
    packet[kSctpHeaderSize + 2] = static_cast<uint8_t>(length >> 8);
    packet[kSctpHeaderSize + 3] = static_cast<uint8_t>(length);
    EXPECT_FALSE(is_acceptable_sctp(packet)) << length;
  }
  Packet packet = sctp_packet({sack_chunk(9, {{2, 3}})});
  packet[kSctpHeaderSize + 13] = 2;  // two gaps, room for one
  EXPECT_FALSE(is_acceptable_sctp(packet));
}

TEST(SctpPacketTest, ChunksThatWeDoNotAnnounceAreNotAcceptable) {
  // AUTH, I-DATA, ASCONF-ACK, PKTDROP, RE-CONFIG, ASCONF.
  for (const uint8_t type : {0x0f, 0x40, 0x80, 0x81, 0x82, 0xc1}) {
    EXPECT_FALSE(is_acceptable_sctp(sctp_packet({raw_chunk(type, Packet(16))}))) << int{type};
  }
}

TEST(SctpPacketTest, AnInitStandsAlone) {
  const Packet init = sctp_packet({init_chunk(SctpChunk::kInit, 100, true)});
  EXPECT_TRUE(is_sctp_init(init));
  EXPECT_FALSE(is_sctp_init(sctp_packet({init_chunk(SctpChunk::kInitAck, 100, true)})));
  EXPECT_FALSE(is_acceptable_sctp(
      sctp_packet({init_chunk(SctpChunk::kInit, 100, true), data_chunk(100, {})})));
  Packet forged = init;
  forged[kSctpHeaderSize + 5] ^= 1;
  EXPECT_FALSE(is_sctp_init(forged));
}

TEST(SctpPacketTest, ForwardTsnIsFoundAmongTheParameters) {
  EXPECT_EQ(announces_forward_tsn(sctp_packet({init_chunk(SctpChunk::kInit, 1, true)})), true);
  EXPECT_EQ(announces_forward_tsn(sctp_packet({init_chunk(SctpChunk::kInitAck, 1, false)})), false);
  EXPECT_EQ(announces_forward_tsn(sctp_packet({data_chunk(1, {})})), std::nullopt);
  Packet listed = init_chunk(SctpChunk::kInit, 1, false);
  for (const uint8_t b : {0x80, 0x08, 0x00, 0x06, 0x82, 0xc0, 0x00, 0x00}) listed.push_back(b);
  listed[3] = static_cast<uint8_t>(listed.size());
  EXPECT_EQ(announces_forward_tsn(sctp_packet({listed})), true);
}

TEST(SctpPacketTest, AForwardTsnGoesBeforeTheFirstData) {
  const Packet packet = sctp_packet({sack_chunk(9, {}), data_chunk(7, {.payload = 3})});
  Packet buffer = packet;
  buffer.resize(packet.size() + kForwardTsnSize);
  const MutableByteSpan longer = insert_forward_tsn(buffer, packet.size(), 0xffff'fffe);
  set_sctp_checksum(longer);
  EXPECT_TRUE(is_acceptable_sctp(longer));
  SctpChunks chunks(longer);
  EXPECT_EQ(chunks.next()->type, SctpChunk::kSack);
  const auto forward = chunks.next();
  EXPECT_EQ(forward->type, SctpChunk::kForwardTsn);
  EXPECT_EQ(forward->bytes.size(), kForwardTsnSize);
  EXPECT_EQ(parse_data(*chunks.next()).tsn, 7u);
}

TEST(SctpPacketTest, GarbageIsTakenApartSafely) {
  constexpr uint64_t kSeed = 31;
  Prng random(kSeed);
  for (int round = 0; round < 20'000; ++round) {
    Packet packet = sctp_packet({sack_chunk(9, {{2, 3}, {5, 5}}), data_chunk(7, {.payload = 40})});
    for (uint64_t n = random.below(5); n > 0; --n) {
      packet[random.below(packet.size())] = static_cast<uint8_t>(random.next());
    }
    packet.resize(random.below(packet.size() + 1));
    SctpChunks chunks(packet);
    while (chunks.next()) continue;
    announces_forward_tsn(packet);
    EXPECT_TRUE(!is_acceptable_sctp(packet) || chunks.at_end()) << "seed " << kSeed;
  }
}

}  // namespace
}  // namespace swarmcast::transport
