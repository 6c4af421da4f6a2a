#include "tools/wan/nat.h"

#include <gtest/gtest.h>

namespace swarmcast::wan {
namespace {

constexpr Address kInside = 0x0a4d0101, kOutside = 0xc6336401;
constexpr Address kServer = 0xcb007101, kPeer = 0xcb007102;
constexpr uint8_t kUdp = 17, kTcp = 6;

struct End {
  Address address;
  uint16_t port;
  bool operator==(const End&) const = default;
};
using Packet = std::vector<uint8_t>;

uint32_t sum16(ByteSpan bytes) {
  uint32_t sum = 0;
  for (size_t i = 0; i < bytes.size(); ++i) sum += i % 2 ? bytes[i] : uint32_t{bytes[i]} << 8;
  return sum;
}
uint16_t folded(uint32_t sum) {
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(sum);
}
void put(Packet& packet, size_t at, uint32_t value, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    packet[at + i] = static_cast<uint8_t>(value >> (8 * (size - 1 - i)));
  }
}
// Sum over header, or over payload and pseudo header; 0xffff if the checksum in it is right.
uint16_t header_sum(const Packet& p) { return folded(sum16(ByteSpan(p).first(20))); }
uint16_t payload_sum(const Packet& p) {
  return folded(sum16(ByteSpan(p).subspan(12)) + p[9] + static_cast<uint32_t>(p.size() - 20));
}

Packet make(End from, End to, uint8_t protocol = kUdp) {
  Packet packet(20 + 20 + 7, 0x5a);
  put(packet, 0, 0x45000000, 4);
  put(packet, 6, 0, 2);
  packet[9] = protocol;
  put(packet, 12, from.address, 4);
  put(packet, 16, to.address, 4);
  put(packet, 20, from.port, 2);
  put(packet, 22, to.port, 2);
  const size_t checksum = protocol == kTcp ? 36 : 26;
  put(packet, 10, 0, 2);
  put(packet, 10, ~uint32_t{header_sum(packet)} & 0xffff, 2);
  put(packet, checksum, 0, 2);
  put(packet, checksum, ~uint32_t{payload_sum(packet)} & 0xffff, 2);
  return packet;
}

End source(const Packet& p) {
  return {Address{p[12]} << 24 | Address{p[13]} << 16 | Address{p[14]} << 8 | p[15],
          static_cast<uint16_t>(p[20] << 8 | p[21])};
}
End destination(const Packet& p) {
  return {Address{p[16]} << 24 | Address{p[17]} << 16 | Address{p[18]} << 8 | p[19],
          static_cast<uint16_t>(p[22] << 8 | p[23])};
}

// What the world sees of a packet from the inside.
End sent(Nat& nat, uint16_t port, End to, uint8_t protocol = kUdp) {
  Packet packet = make({kInside, port}, to, protocol);
  EXPECT_TRUE(nat.outbound(packet));
  EXPECT_EQ(header_sum(packet), 0xffff);
  EXPECT_EQ(payload_sum(packet), 0xffff);
  EXPECT_EQ(destination(packet), to);
  return source(packet);
}
// The port inside that a packet reaches; 0 if none.
uint16_t reached(Nat& nat, End from, uint16_t port, uint8_t protocol = kUdp) {
  Packet packet = make(from, {kOutside, port}, protocol);
  if (!nat.inbound(packet)) return 0;
  EXPECT_EQ(header_sum(packet), 0xffff);
  EXPECT_EQ(payload_sum(packet), 0xffff);
  EXPECT_EQ(destination(packet).address, kInside);
  return destination(packet).port;
}

TEST(Nat, AnswersComeBackAndNothingElseDoes) {
  for (const Mapping mapping : {Mapping::kEndpointIndependent, Mapping::kSymmetric}) {
    for (const uint8_t protocol : {kUdp, kTcp}) {
      Nat nat(mapping, kInside, kOutside);
      const End seen = sent(nat, 4000, {kServer, 3478}, protocol);
      EXPECT_EQ(seen.address, kOutside);
      EXPECT_NE(seen.port, 4000);
      EXPECT_EQ(reached(nat, {kServer, 3478}, seen.port, protocol), 4000);
      EXPECT_EQ(reached(nat, {kServer, 3479}, seen.port, protocol), 0);
      EXPECT_EQ(reached(nat, {kPeer, 3478}, seen.port, protocol), 0);
      EXPECT_EQ(reached(nat, {kServer, 3478}, static_cast<uint16_t>(seen.port + 1), protocol), 0);
      EXPECT_EQ(reached(nat, {kServer, 3478}, seen.port, protocol == kUdp ? kTcp : kUdp), 0);
    }
  }
}

TEST(Nat, AnEndpointIndependentOneShowsEverybodyTheSamePort) {
  Nat nat(Mapping::kEndpointIndependent, kInside, kOutside);
  const End seen = sent(nat, 4000, {kServer, 3478});
  EXPECT_EQ(sent(nat, 4000, {kPeer, 5000}), seen);
  EXPECT_NE(sent(nat, 4001, {kServer, 3478}), seen);
  EXPECT_EQ(reached(nat, {kPeer, 5000}, seen.port), 4000);
}

TEST(Nat, ASymmetricOneShowsEachAnotherPort) {
  Nat nat(Mapping::kSymmetric, kInside, kOutside);
  const End seen = sent(nat, 4000, {kServer, 3478});
  const End other = sent(nat, 4000, {kPeer, 5000});
  EXPECT_NE(other.port, seen.port);
  EXPECT_EQ(sent(nat, 4000, {kServer, 3478}), seen);
  EXPECT_EQ(reached(nat, {kPeer, 5000}, seen.port), 0);
  EXPECT_EQ(reached(nat, {kPeer, 5000}, other.port), 4000);
}

TEST(Nat, AForwardedPortIsOpenToAll) {
  Nat nat(Mapping::kSymmetric, kInside, kOutside);
  ASSERT_TRUE(nat.forward_tcp(8080));
  EXPECT_EQ(reached(nat, {kPeer, 5000}, 8080, kTcp), 8080);
  EXPECT_EQ(sent(nat, 8080, {kPeer, 5000}, kTcp), (End{kOutside, 8080}));
  EXPECT_EQ(reached(nat, {kPeer, 5000}, 8080, kUdp), 0);
  EXPECT_EQ(reached(nat, {kPeer, 5000}, 8081, kTcp), 0);
}

TEST(Nat, DropsWhatItCannotTranslate) {
  Nat nat(Mapping::kEndpointIndependent, kInside, kOutside);
  Packet fragment = make({kInside, 1}, {kServer, 2});
  fragment[6] = 0x20;
  EXPECT_FALSE(nat.outbound(fragment));
  Packet ping = make({kInside, 1}, {kServer, 2});
  ping[9] = 1;
  EXPECT_FALSE(nat.outbound(ping));
  Packet spoofed = make({kPeer, 1}, {kServer, 2});
  EXPECT_FALSE(nat.outbound(spoofed));
  for (size_t size = 0; size < 28; ++size) {
    Packet cut = make({kInside, 1}, {kServer, 2});
    cut.resize(size);
    EXPECT_FALSE(nat.outbound(cut)) << size;
    EXPECT_FALSE(nat.inbound(cut)) << size;
  }
}

TEST(Nat, ItsTablesAreBounded) {
  Nat nat(Mapping::kSymmetric, kInside, kOutside);
  for (size_t i = 0; i < kMaxMappings; ++i) {
    sent(nat, 4000, {kServer, static_cast<uint16_t>(i + 1)});
  }
  Packet packet = make({kInside, 4000}, {kPeer, 1});
  EXPECT_FALSE(nat.outbound(packet));
}

}  // namespace
}  // namespace swarmcast::wan
