#include "host/transport/udp_socket.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <vector>

#include "engine/base/random.h"
#include "host/transport/transport_test_support.h"

namespace swarmcast::transport {
namespace {

// A socket with its counters and what it has received.
struct Port {
  explicit Port(const std::string& where = "127.0.0.1:0") {
    EXPECT_FALSE(socket.open(*parse_endpoint(where)));
  }
  void receive(size_t count) {
    while (received.size() < count) {
      pollfd ready{socket.fd(), POLLIN, 0};
      ASSERT_EQ(poll(&ready, 1, 5'000), 1) << "only " << received.size() << " came";
      socket.receive([this](const Path& path, MutableByteSpan datagram, Instant at) {
        from.push_back(path.remote);
        arrived.push_back(at);
        received.emplace_back(datagram.begin(), datagram.end());
      });
    }
  }
  Path path() const { return {socket.local(), {}}; }

  TransportStats stats;
  UdpSocket socket{stats};
  std::vector<Endpoint> from;
  std::vector<Datagram> received;
  std::vector<Instant> arrived;
};

Datagram numbered(size_t number, size_t size) {
  Datagram out(size, static_cast<uint8_t>(number));
  out[0] = static_cast<uint8_t>(number >> 8);
  return out;
}

TEST(UdpSocketTest, MixedSizesToSeveralAddressesKeepTheirOrder) {
  constexpr uint64_t kSeed = 5;
  Prng random(kSeed);
  Port sender;
  std::vector<std::unique_ptr<Port>> to;
  for (int i = 0; i < 3; ++i) to.push_back(std::make_unique<Port>());
  std::vector<std::vector<Datagram>> expected(3);
  for (size_t i = 0; i < 150; ++i) {  // more than the queue holds
    const size_t which = random.below(3);
    const size_t size = random.chance(0.6) ? 1'129 : 2 + random.below(kMaxDatagramSize - 1);
    expected[which].push_back(numbered(i, size));
    sender.socket.queue(to[which]->path(), expected[which].back());
  }
  sender.socket.flush();
  EXPECT_TRUE(sender.socket.idle());
  for (size_t which = 0; which < 3; ++which) {
    to[which]->receive(expected[which].size());
    EXPECT_EQ(to[which]->received, expected[which]) << "seed " << kSeed;
    for (const Endpoint& from : to[which]->from) EXPECT_EQ(from, sender.socket.local());
  }
  EXPECT_EQ(sender.stats.datagrams_out, 150u);
  EXPECT_EQ(sender.stats.wire_out,
            to[0]->stats.wire_in + to[1]->stats.wire_in + to[2]->stats.wire_in);
}

// The socket reads two clocks one after the other, and a busy machine may hold it up in between: of
// a few datagrams one is not.
TEST(UdpSocketTest, SaysWhenADatagramCameHoweverLateItIsRead) {
  constexpr int kTries = 5;
  constexpr Duration kMuchTooLate = Duration::millis(15);
  Duration error = kMuchTooLate;
  for (int i = 0; i < kTries && error >= kMuchTooLate; ++i) {
    Port sender, receiver;
    const Instant before = Loop::now();
    sender.socket.queue(receiver.path(), numbered(1, 100));
    sender.socket.flush();
    const Instant sent = Loop::now();
    while (Loop::now() < sent + Duration::millis(20)) {
    }
    receiver.receive(1);
    EXPECT_GE(receiver.arrived[0] + Duration::millis(1), before);
    error = receiver.arrived[0] - sent;
  }
  EXPECT_LT(error, kMuchTooLate);
}

TEST(UdpSocketTest, WherePacketsCannotBeSegmentedTheyGoOneByOne) {
  Port sender, receiver;
  const int one = 1;  // the kernel refuses to segment what has no checksum
  ASSERT_EQ(setsockopt(sender.socket.fd(), SOL_SOCKET, SO_NO_CHECK, &one, sizeof one), 0);
  std::vector<Datagram> expected;
  for (int round = 0; round < 2; ++round) {
    for (size_t i = 0; i < 20; ++i) {
      expected.push_back(numbered(expected.size(), i == 7 ? 50 : 1'000));
      sender.socket.queue(receiver.path(), expected.back());
    }
    sender.socket.flush();
  }
  receiver.receive(expected.size());
  EXPECT_EQ(receiver.received, expected);
  EXPECT_EQ(sender.stats.datagrams_out, 40u);
  EXPECT_EQ(sender.stats.unsent, 0u);
}

TEST(UdpSocketTest, WhatCannotBeSentIsCountedAndTheRestGoes) {
  Port sender, receiver;
  sender.socket.queue({*parse_endpoint("[2001:db8::1]:9"), {}}, numbered(1, 100));
  sender.socket.queue(receiver.path(), numbered(2, 100));
  sender.socket.flush();
  receiver.receive(1);
  EXPECT_EQ(receiver.received[0], numbered(2, 100));
  EXPECT_EQ(sender.stats.unsent, 1u);
  EXPECT_FALSE(sender.socket.reachable());
  sender.socket.queue(receiver.path(), numbered(3, 100));
  sender.socket.flush();
  EXPECT_TRUE(sender.socket.reachable());
}

TEST(UdpSocketTest, BuffersAreLargeEnoughForABurst) {
  Port sender, receiver;
  for (size_t i = 0; i < 100; ++i) sender.socket.queue(receiver.path(), numbered(i, 1'200));
  sender.socket.flush();
  receiver.receive(100);
  EXPECT_EQ(sender.stats.unsent, 0u);
}

}  // namespace
}  // namespace swarmcast::transport
