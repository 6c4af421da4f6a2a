// Links between well-behaved nodes.
#include "host/transport/native_transport.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "host/transport/transport_test_support.h"

namespace swarmcast::transport {
namespace {

class NativeTransportTest : public testing::Test {
 protected:
  // `a` dials `b`, by way of `at` if given.
  static void link(Loop& loop, Node& a, Node& b, std::optional<Endpoint> at = std::nullopt) {
    const size_t ups = b.ups.size();
    Contact contact = b.contact();
    if (at) contact.endpoint = *at;
    a.transport->dial(kTestDial, contact);
    ASSERT_TRUE(run_until(loop, [&] { return !a.ups.empty() && b.ups.size() > ups; }));
  }
  static NativeLimits quick() {
    NativeLimits limits;
    limits.dial_limit = Duration::millis(400);
    limits.half_open_life = Duration::millis(400);
    limits.tick = Duration::millis(50);
    return limits;
  }
  Loop loop_;
};

struct Addresses {
  const char* listen;
  const char* dial;
};

class AddressTest : public NativeTransportTest, public testing::WithParamInterface<Addresses> {};

TEST_P(AddressTest, ALinkComesUpAndMessagesCross) {
  Node listener(loop_, {}, GetParam().listen), dialler(loop_, {}, GetParam().listen);
  Endpoint at = *parse_endpoint(GetParam().dial);
  at.port = listener.transport->local_endpoint().port;
  EXPECT_NE(at.port, 0);
  link(loop_, dialler, listener, at);

  const Node::Up& out = dialler.ups[0];
  const Node::Up& in = listener.ups[0];
  EXPECT_EQ(out.id, kTestDial);
  EXPECT_TRUE(out.ours);
  EXPECT_FALSE(in.ours);
  EXPECT_EQ(in.id.value() & kDialledLinkBit, 0u);
  EXPECT_EQ(out.endpoint, at);
  EXPECT_EQ(in.endpoint.port, dialler.transport->local_endpoint().port)
      << "the neighbour must see the port others can dial";
  EXPECT_EQ(out.remote, listener.transport->fingerprint());
  EXPECT_EQ(in.local, listener.transport->fingerprint());
  EXPECT_EQ(in.remote, out.local);
  EXPECT_NE(out.local, dialler.transport->fingerprint());

  dialler.send(out.id, {1, 2, 3});
  listener.send(in.id, {4});
  ASSERT_TRUE(
      run_until(loop_, [&] { return !dialler.messages.empty() && !listener.messages.empty(); }));
  EXPECT_EQ(listener.messages[0], (Datagram{1, 2, 3}));
  EXPECT_EQ(dialler.messages[0], Datagram{4});
}

INSTANTIATE_TEST_SUITE_P(
    Families, AddressTest,
    testing::Values(Addresses{"127.0.0.1:0", "127.0.0.1"}, Addresses{"[::1]:0", "::1"},
                    Addresses{"[::]:0", "127.0.0.1"}, Addresses{"[::]:0", "::1"},
                    Addresses{"0.0.0.0:0", "127.0.0.1"},
                    // Answered from the address dialled, not the default one.
                    Addresses{"[::]:0", "127.0.0.2"}, Addresses{"0.0.0.0:0", "127.0.0.2"}));

TEST_F(NativeTransportTest, AThousandMessagesEachWayInBurstsArriveInOrder) {
  Node a(loop_), b(loop_);
  link(loop_, a, b);
  constexpr size_t kMessages = 1'000, kBurst = 100;
  auto message = [](size_t i) {
    Datagram out(i % 7 == 0 ? 300 + i % 800 : 1'100, static_cast<uint8_t>(i));
    out[0] = 0x40;
    out[1] = static_cast<uint8_t>(i >> 8);
    return out;
  };
  for (size_t i = 0; i < kMessages; ++i) {
    EXPECT_TRUE(a.transport->send(a.link(), Lane::kMedia, message(i)));
    EXPECT_TRUE(b.transport->send(b.link(), Lane::kControl, message(i)));
    if (i % kBurst != kBurst - 1) continue;
    a.transport->flush();
    b.transport->flush();
    ASSERT_TRUE(run_until(loop_, [&] { return a.messages.size() > i && b.messages.size() > i; }));
  }
  for (size_t i = 0; i < kMessages; ++i) {
    ASSERT_EQ(a.messages[i], message(i)) << i;
    ASSERT_EQ(b.messages[i], message(i)) << i;
  }
  EXPECT_EQ(a.transport->stats().wire_out, b.transport->stats().wire_in);
  EXPECT_EQ(b.transport->stats().wire_out, a.transport->stats().wire_in);
  EXPECT_EQ(a.transport->stats().unsent + b.transport->stats().unsent, 0u);
}

TEST_F(NativeTransportTest, WireBytesAreUdpPayloadAndHeaders) {
  for (const char* where : {"127.0.0.1:0", "[::1]:0"}) {
    Node a(loop_, {}, where), b(loop_, {}, where);
    link(loop_, a, b);
    const uint64_t before = b.transport->stats().wire_in;
    a.send(kTestDial, Datagram(1'100, 9));
    ASSERT_TRUE(run_until(loop_, [&] { return !b.messages.empty(); }));
    const size_t headers = std::string(where) == "[::1]:0" ? 48 : 28;
    EXPECT_EQ(b.transport->stats().wire_in - before, 1'100 + 29 + headers);
    a.ups.clear();
  }
}

TEST_F(NativeTransportTest, CloseIsSeenByTheOtherSideOnly) {
  Node a(loop_), b(loop_);
  link(loop_, a, b);
  a.transport->close(a.link());
  ASSERT_TRUE(run_until(loop_, [&] { return !b.downs.empty(); }));
  EXPECT_EQ(b.downs[0].id, b.link());
  EXPECT_EQ(b.downs[0].reason, DownReason::kClosedByPeer);
  EXPECT_TRUE(a.downs.empty());
  EXPECT_FALSE(a.transport->send(a.link(), Lane::kMedia, Datagram{1}));
  EXPECT_FALSE(b.transport->send(b.link(), Lane::kMedia, Datagram{1}));
}

TEST_F(NativeTransportTest, LeavingClosesEveryLink) {
  Node a(loop_), b(loop_), c(loop_);
  link(loop_, b, a);
  link(loop_, c, a);
  a.transport.reset();
  ASSERT_TRUE(run_until(loop_, [&] { return !b.downs.empty() && !c.downs.empty(); }));
}

TEST_F(NativeTransportTest, AnotherCertificateThanExpectedEndsTheDial) {
  Node a(loop_), b(loop_);
  // Make the credentials right and only the certificate wrong: b's listener behind c's name cannot
  // happen by accident, since the fingerprint enters the credentials.
  Contact contact = b.contact();
  contact.fingerprint[0] ^= 1;
  NativeLimits limits = quick();
  Node c(loop_, limits);
  c.transport->dial(kTestDial, contact);
  ASSERT_TRUE(run_until(loop_, [&] { return !c.downs.empty(); }));
  EXPECT_EQ(c.downs[0].reason, DownReason::kNoAnswer);
  EXPECT_TRUE(b.ups.empty());
  EXPECT_EQ(b.transport->stats().datagrams_out, 0u);
}

TEST_F(NativeTransportTest, AWrongSecretIsIgnoredInSilence) {
  SwarmSecret other = kTestSecret;
  other[0] ^= 1;
  Node listener(loop_), stranger(loop_, quick(), "127.0.0.1:0", other);
  const Instant start = Loop::now();
  stranger.transport->dial(kTestDial, listener.contact());
  ASSERT_TRUE(run_until(loop_, [&] { return !stranger.downs.empty(); }));
  EXPECT_GE(Loop::now() - start, quick().dial_limit);
  EXPECT_EQ(stranger.downs[0].id, kTestDial);
  EXPECT_EQ(stranger.downs[0].reason, DownReason::kNoAnswer);
  EXPECT_NE(std::string(sentence(DownReason::kNoAnswer)).find("nobody answered"),
            std::string::npos);
  EXPECT_EQ(listener.transport->stats().datagrams_out, 0u);
  EXPECT_EQ(listener.transport->half_open(), 0u);
  EXPECT_GT(listener.transport->stats().unauthentic, 0u);
}

TEST_F(NativeTransportTest, APortInUseIsSaidInASentence) {
  Node first(loop_);
  Node second(loop_);
  NativeTransport third(loop_, platform::sodium_crypto(), kTestSecret, second);
  const auto error = third.listen(first.transport->local_endpoint());
  ASSERT_TRUE(error);
  EXPECT_NE(error->find(std::to_string(first.transport->local_endpoint().port)), std::string::npos);
  EXPECT_NE(error->find("in use"), std::string::npos);
  EXPECT_NE(error->find("--listen"), std::string::npos);
  EXPECT_FALSE(third.listen(*parse_endpoint("127.0.0.1:0"))) << "another port may be tried";
}

TEST_F(NativeTransportTest, AForeignAddressIsSaidInASentence) {
  Node node(loop_);
  NativeTransport other(loop_, platform::sodium_crypto(), kTestSecret, node);
  const auto error = other.listen(*parse_endpoint("192.0.2.1:0"));
  ASSERT_TRUE(error);
  EXPECT_NE(error->find("192.0.2.1"), std::string::npos);
}

TEST_F(NativeTransportTest, ImpossibleDialsFailFromTheLoopNotFromTheCall) {
  NativeLimits limits;
  limits.max_links = 1;
  Node a(loop_, limits), b(loop_), c(loop_);
  Contact nowhere = b.contact();
  for (const char* address :
       {"127.0.0.1:0", "0.0.0.0:5", "[::]:5", "239.0.0.1:5", "[ff02::1]:5", "[2001:db8::1]:5"}) {
    nowhere.endpoint = *parse_endpoint(address);
    a.transport->dial(kTestDial, nowhere);
    EXPECT_TRUE(a.downs.empty());
    ASSERT_TRUE(run_until(loop_, [&] { return !a.downs.empty(); }));
    EXPECT_EQ(a.downs[0].reason, DownReason::kUnreachable) << address;
    a.downs.clear();
  }
  link(loop_, a, b);
  a.transport->dial(LinkId(kDialledLinkBit | 8), b.contact());
  a.transport->dial(LinkId(kDialledLinkBit | 9), c.contact());
  EXPECT_TRUE(a.downs.empty());
  ASSERT_TRUE(run_until(loop_, [&] { return a.downs.size() == 2; }));
  EXPECT_EQ(a.downs[0].reason, DownReason::kAlreadyLinked);
  EXPECT_EQ(a.downs[1].reason, DownReason::kTooManyLinks);
}

TEST_F(NativeTransportTest, AFullListenerTakesNobodyElse) {
  NativeLimits limits = quick();
  limits.max_links = 2;
  Node listener(loop_, limits), a(loop_, quick()), b(loop_, quick()), c(loop_, quick());
  link(loop_, a, listener);
  link(loop_, b, listener);
  c.transport->dial(kTestDial, listener.contact());
  ASSERT_TRUE(run_until(loop_, [&] { return !c.downs.empty(); }));
  EXPECT_EQ(listener.ups.size(), 2u);
  EXPECT_TRUE(c.ups.empty());
  a.transport->close(kTestDial);
  ASSERT_TRUE(run_until(loop_, [&] { return !listener.downs.empty(); }));
  c.transport->dial(LinkId(kDialledLinkBit | 8), listener.contact());
  ASSERT_TRUE(run_until(loop_, [&] { return listener.ups.size() == 3; }));
}

TEST_F(NativeTransportTest, TwoThatDialEachOtherAtOnceGetOneLink) {
  for (int round = 0; round < 10; ++round) {
    Node a(loop_), b(loop_);
    a.transport->dial(kTestDial, b.contact());
    b.transport->dial(kTestDial, a.contact());
    ASSERT_TRUE(run_until(loop_, [&] {
      return a.ups.size() == 1 && b.ups.size() == 1 && a.downs.size() + b.downs.size() == 1;
    }));
    EXPECT_NE(a.ups[0].ours, b.ups[0].ours);
    EXPECT_EQ((a.downs.empty() ? b : a).downs[0].reason, DownReason::kAlreadyLinked);
    a.send(a.link(), {1});
    b.send(b.link(), {2});
    ASSERT_TRUE(run_until(loop_, [&] { return !a.messages.empty() && !b.messages.empty(); }));
  }
}

TEST_F(NativeTransportTest, CallbacksMayCallBack) {
  Node a(loop_), b(loop_), c(loop_);
  // b answers in on_up, closes in on_message; a dials c as soon as b is gone, and drops it at once.
  b.when_up = [&](LinkId link) { b.transport->send(link, Lane::kMedia, Datagram{1}); };
  b.when_message = [&](LinkId link, ByteSpan) { b.transport->close(link); };
  a.when_message = [&](LinkId link, ByteSpan) {
    for (uint8_t i = 0; i < 10; ++i) a.transport->send(link, Lane::kMedia, Datagram{i});
    a.transport->flush();
  };
  a.when_down = [&](LinkId) { a.transport->dial(LinkId(kDialledLinkBit | 8), c.contact()); };
  a.when_up = [&](LinkId link) {
    if (link != kTestDial) a.transport->close(link);
  };
  a.transport->dial(kTestDial, b.contact());
  ASSERT_TRUE(run_until(loop_, [&] { return !c.downs.empty(); }));
  EXPECT_EQ(b.messages.size(), 1u) << "nothing may come from a link that was closed";
  EXPECT_EQ(a.downs.size(), 1u);
}

TEST_F(NativeTransportTest, AnIdleLinkStaysUpAndADeadOneIsNoticed) {
  NativeLimits limits;
  limits.tick = Duration::millis(20);
  limits.keepalive = Duration::millis(100);
  limits.silence = Duration::millis(400);
  Node listener(loop_, limits), dialler(loop_, limits);
  Middlebox box(loop_, listener.transport->local_endpoint());
  link(loop_, dialler, listener, box.front());
  run_for(loop_, Duration::millis(1'000));
  EXPECT_TRUE(dialler.downs.empty() && listener.downs.empty());
  box.outbound = [](size_t, Datagram&) { return false; };
  ASSERT_TRUE(run_until(loop_, [&] { return !dialler.downs.empty() && !listener.downs.empty(); }));
  EXPECT_EQ(dialler.downs[0].reason, DownReason::kSilence);
  EXPECT_EQ(listener.downs[0].reason, DownReason::kSilence);
}

}  // namespace
}  // namespace swarmcast::transport
