// The native transport against strangers and hostile neighbours.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>

#include "engine/base/random.h"
#include "host/transport/hostile_for_test.h"

namespace swarmcast::transport {
namespace {

class HostileTransportTest : public TransportWorldTest {};

TEST_F(HostileTransportTest, ACertificateThatIsNotTheExpectedOneEndsTheDial) {
  // Somebody on the path answers in the listener's place: right credentials, another certificate.
  Node listener(loop_), impostor(loop_), dialler(loop_);
  DtlsContext other;
  RawSocket front;
  Contact contact = listener.contact();
  contact.endpoint = front.local();
  struct ToDialler final : DatagramSink {
    RawSocket* socket;
    Endpoint to;
    void send_datagram(ByteSpan d) override { socket->send(to, d); }
  } sink;
  sink.socket = &front;
  auto session = DtlsSession::accept(other, sink);
  Loop::FdWatch watch(loop_, front.fd(), Loop::FdWatch::kReadable, [&](unsigned) {
    while (auto got = front.receive()) {
      sink.to = got->first;
      MutableByteSpan rest = got->second;
      if (classify(rest) != PacketKind::kDtls) continue;
      ByteSpan message;
      while (const auto record = next_record(rest)) session->receive(*record, message);
    }
  });
  dialler.transport->dial(kTestDial, contact);
  ASSERT_TRUE(run_until(loop_, [&] { return !dialler.downs.empty(); }));
  EXPECT_EQ(dialler.downs[0].reason, DownReason::kWrongCertificate);
  EXPECT_NE(std::string(sentence(DownReason::kWrongCertificate)).find("fresh invite"),
            std::string::npos);
  EXPECT_TRUE(dialler.ups.empty());
}

TEST_F(HostileTransportTest, AFloodOfGarbageIsCountedAndHarmless) {
  Node listener(loop_), dialler(loop_);
  dialler.transport->dial(kTestDial, listener.contact());
  ASSERT_TRUE(run_until(loop_, [&] { return !listener.ups.empty() && !dialler.ups.empty(); }));
  const TransportStats before = listener.transport->stats();
  constexpr uint64_t kSeed = 77;
  Prng random(kSeed);
  Stranger stranger(listener.contact());
  const Datagram request = stranger.stun_request(), hello = stranger.client_hello();
  for (int round = 0; round < 3'000; ++round) {
    Datagram d;
    switch (random.below(5)) {
      case 0:  // noise of any size, empty and oversized among them
        d.resize(random.below(3'000));
        for (auto& b : d) b = static_cast<uint8_t>(random.next());
        break;
      case 1:  // STUN, cut or changed
        d = request;
        d.resize(random.below(d.size()));
        break;
      case 2:
        d = request;
        d[random.below(d.size())] ^= static_cast<uint8_t>(1 + random.below(255));
        break;
      case 3:  // a ClientHello that nobody has admitted, cut anywhere
        d = hello;
        d.resize(random.below(d.size() + 1));
        break;
      default:  // records that look like data
        d.resize(13 + random.below(1'200));
        for (auto& b : d) b = static_cast<uint8_t>(random.next());
        std::ranges::copy(std::array<uint8_t, 6>{23, 0xfe, 0xfd, 0, 1, 0}, d.begin());
        d[11] = static_cast<uint8_t>((d.size() - 13) >> 8);
        d[12] = static_cast<uint8_t>(d.size() - 13);
    }
    stranger.send(d);
    if (round % 50 == 49) settle(dialler, listener);
  }
  EXPECT_EQ(stranger.receive_all(), 0u) << "seed " << kSeed;
  EXPECT_EQ(listener.transport->half_open(), 0u);
  EXPECT_EQ(listener.ups.size(), 1u);
  EXPECT_TRUE(listener.downs.empty());
  const TransportStats after = listener.transport->stats();
  EXPECT_GT(after.alien, before.alien);
  EXPECT_GT(after.unauthentic, before.unauthentic);
}

TEST_F(HostileTransportTest, GarbageFromANeighboursOwnAddressDoesNotEndTheLink) {
  Node listener(loop_), dialler(loop_);
  Middlebox box(loop_, listener.transport->local_endpoint());
  link_through(box, dialler, listener);
  const std::vector<Datagram> handshake = box.sent;
  constexpr uint64_t kSeed = 78;
  Prng random(kSeed);
  for (int round = 0; round < 2'000; ++round) {
    Datagram d = handshake[random.below(handshake.size())];
    for (int i = 0; i < 3; ++i) d[random.below(d.size())] = static_cast<uint8_t>(random.next());
    box.to_listener(d);
    if (round % 50 == 49) settle(dialler, listener);
  }
  EXPECT_TRUE(listener.downs.empty()) << "seed " << kSeed;
  EXPECT_EQ(listener.ups.size(), 1u);
}

TEST_F(HostileTransportTest, StunWithForgedCredentialsGetsNoAnswer) {
  Node listener(loop_), dialler(loop_);
  Stranger stranger(listener.contact());
  stranger.credentials.ufrag[0] ^= 1;
  stranger.send(stranger.stun_request());
  stranger.credentials.ufrag[0] ^= 1;
  stranger.credentials.password[0] ^= 1;
  stranger.send(stranger.stun_request());
  stranger.send(stranger.client_hello());
  dialler.transport->dial(kTestDial, listener.contact());
  ASSERT_TRUE(run_until(loop_, [&] { return !listener.ups.empty(); }));
  EXPECT_EQ(stranger.receive_all(), 0u);
  EXPECT_EQ(listener.transport->stats().unauthentic, 2u);
}

TEST_F(HostileTransportTest, AThousandAttackersOpenNoMoreThanTheLimits) {
  Node listener(loop_, {}, "0.0.0.0:0");
  Contact contact = listener.contact();
  contact.endpoint.ip = parse_address("127.0.0.1")->ip;
  std::map<int, size_t> answered;  // per /24
  for (int i = 0; i < 1'000; ++i) {
    // 16 addresses in each of 63 networks: twice what one network may open, and twice 256 in all.
    const int network = 1 + i / 16;
    Stranger stranger(contact,
                      "127.7." + std::to_string(network) + "." + std::to_string(1 + i % 16) + ":0");
    stranger.send(stranger.stun_request());
    ASSERT_TRUE(run_until(loop_, [&] {
      return listener.transport->stats().datagrams_in > static_cast<uint64_t>(i);
    }));
    answered[network] += stranger.receive_all();
  }
  EXPECT_EQ(listener.transport->half_open(), 256u);
  for (const auto& [network, count] : answered) EXPECT_LE(count, 8u) << "127.7." << network;
  EXPECT_EQ(listener.transport->stats().over_limit, 1'000u - 256u);
  EXPECT_TRUE(listener.ups.empty());

  // They are forgotten, and honest people come in again.
  ASSERT_TRUE(run_until(loop_, [&] { return listener.transport->half_open() == 0; }));
  Node dialler(loop_);
  dialler.transport->dial(kTestDial, contact);
  ASSERT_TRUE(run_until(loop_, [&] { return !dialler.ups.empty(); }));
}

TEST_F(HostileTransportTest, AnAddressThatNeverProvesItselfGetsThreeTimesItsBytesAtMost) {
  NativeLimits limits = quick();
  limits.half_open_life = Duration::seconds(1);
  Node listener(loop_, limits);
  Stranger stranger(listener.contact());
  auto check = [&] {
    stranger.receive_all();
    EXPECT_LE(stranger.bytes_received, 3 * stranger.bytes_sent);
  };
  stranger.send(stranger.stun_request());
  ASSERT_TRUE(run_until(loop_, [&] { return listener.transport->half_open() == 1; }));
  check();
  for (int i = 0; i < 5; ++i) {  // each is new: the listener may have to sign again
    stranger.send(stranger.client_hello());
    run_for(loop_, Duration::millis(20));
    check();
  }
  // Nothing more comes from the victim: retransmissions end.
  size_t datagrams = 0;
  while (listener.transport->half_open() != 0) {
    run_for(loop_, Duration::millis(50));
    datagrams += stranger.receive_all();
  }
  check();
  EXPECT_LE(datagrams, 2u);
  EXPECT_GT(stranger.bytes_received, stranger.bytes_sent) << "the test has not seen an answer";
}

TEST_F(HostileTransportTest, RetransmissionsToTheUnprovenAreLimitedEvenWithinTheBudget) {
  NativeLimits limits = quick();
  limits.half_open_life = Duration::seconds(2);
  Node listener(loop_, limits);
  Stranger stranger(listener.contact());
  for (int i = 0; i < 100; ++i) stranger.send(stranger.stun_request());
  run_for(loop_, Duration::millis(20));
  stranger.receive_all();
  const size_t before = stranger.bytes_received;
  stranger.send(stranger.client_hello());
  size_t datagrams = 0;
  run_for(loop_, Duration::millis(20));
  datagrams += stranger.receive_all();
  EXPECT_EQ(datagrams, 1u);
  const size_t flight = stranger.bytes_received - before;
  while (listener.transport->half_open() != 0) {
    run_for(loop_, Duration::millis(50));
    datagrams += stranger.receive_all();
  }
  EXPECT_LE(stranger.bytes_received - before, 3 * flight);
  EXPECT_LE(datagrams, 3u) << "the flight and two repetitions";
}

// 0x13 begins SCTP and no message of ours. A neighbour that sends it, or a message longer than any,
// is not understood; that we send it would be our own fault.
TEST_F(HostileTransportTest, SctpAndOversizedMessagesAreNotDelivered) {
  Node listener(loop_);
  Stranger stranger(listener.contact());
  stranger.send(stranger.stun_request());
  struct ToListener final : DatagramSink {
    Stranger* stranger;
    void send_datagram(ByteSpan d) override { stranger->send({d.begin(), d.end()}); }
  } sink;
  sink.stranger = &stranger;
  DtlsContext context;
  auto session = DtlsSession::connect(context, listener.transport->fingerprint(), sink);
  session->start();
  ASSERT_TRUE(run_until(loop_, [&] {
    while (auto got = stranger.socket.receive()) {
      MutableByteSpan rest = got->second;
      ByteSpan message;
      if (classify(rest) != PacketKind::kDtls) continue;
      while (const auto record = next_record(rest)) session->receive(*record, message);
    }
    return session->up() && !listener.ups.empty();
  }));
  session->send(Datagram{kSctpFirstByte, 0x88});
  session->send(Datagram(kMaxMessageSize + 1, 0x40));
  session->send(Datagram{0x40});
  ASSERT_TRUE(run_until(loop_, [&] { return !listener.messages.empty(); }));
  EXPECT_EQ(listener.messages, (std::vector<Datagram>{{0x40}}));
  EXPECT_EQ(listener.transport->stats().alien, 2u);
  EXPECT_DEATH(listener.transport->send(listener.link(), Lane::kMedia, Datagram{kSctpFirstByte}),
               "");
}

}  // namespace
}  // namespace swarmcast::transport
