// Prepared links between native peers on the loopback interface.
#include "host/transport/ice_transport.h"

#include <gtest/gtest.h>

#include "host/transport/ice_test_support.h"

namespace swarmcast::transport {
namespace {

TEST(IceTransport, TwoPeersThatExchangeDescriptionsAreLinked) {
  IcePair pair;
  ASSERT_TRUE(pair.connect());
  const Node::Up &a = pair.a.ups[0], &b = pair.b.ups[0];
  EXPECT_EQ(a.id, kTestDial);
  EXPECT_TRUE(a.ours);
  EXPECT_FALSE(b.ours);
  EXPECT_EQ(a.local, b.remote);
  EXPECT_EQ(a.remote, b.local);
  EXPECT_NE(a.local, a.remote);
  EXPECT_EQ(address_text(a.endpoint), "127.0.0.1");
  EXPECT_EQ(pair.a.transport->path(kTestDial), PathKind::kDirect);

  const LinkDescription& told = pair.a.descriptions[kTestDial][0];
  EXPECT_TRUE(told.complete());
  EXPECT_TRUE(told.native);
  EXPECT_EQ(told.fingerprint, a.local);
  ASSERT_EQ(told.candidates().size(), 1u);
  EXPECT_EQ(told.candidates()[0].type, CandidateType::kHost);
}

TEST(IceTransport, MessagesOfEverySizePassBothWays) {
  IcePair pair;
  ASSERT_TRUE(pair.connect());
  for (size_t size : {size_t{1}, size_t{100}, kMaxMessageSize}) {
    const Datagram message(size, 0x41);
    EXPECT_TRUE(pair.a.transport->send(kTestDial, Lane::kMedia, message));
    EXPECT_TRUE(pair.b.transport->send(kTestDial, Lane::kControl, message));
    ASSERT_TRUE(
        run_until(pair.loop, [&] { return !pair.a.messages.empty() && !pair.b.messages.empty(); }));
    EXPECT_EQ(pair.a.messages.back(), message);
    EXPECT_EQ(pair.b.messages.back(), message);
    pair.a.messages.clear();
    pair.b.messages.clear();
  }
  const TransportStats& stats = pair.a.transport->stats();
  EXPECT_GT(stats.wire_out, kMaxMessageSize + 101 + 3 * 28);
  EXPECT_EQ(stats.alien, 0u);
}

// As if each were a browser.
TEST(IceTransport, PeersThatAreNotNativeUseDataChannels) {
  IcePair pair;
  pair.a.tamper = pair.b.tamper = [](LinkDescription& told) { told.native = false; };
  ASSERT_TRUE(pair.connect());
  const Datagram message(kMaxMessageSize, 0x41);
  EXPECT_TRUE(pair.a.transport->send(kTestDial, Lane::kMedia, message));
  EXPECT_TRUE(pair.b.transport->send(kTestDial, Lane::kControl, message));
  ASSERT_TRUE(
      run_until(pair.loop, [&] { return !pair.a.messages.empty() && !pair.b.messages.empty(); }));
  EXPECT_EQ(pair.a.messages[0], message);
  EXPECT_EQ(pair.b.messages[0], message);
  pair.a.transport->close(kTestDial);
  ASSERT_TRUE(run_until(pair.loop, [&] { return !pair.b.downs.empty(); }));
  EXPECT_EQ(pair.b.downs[0].reason, DownReason::kClosedByPeer);
}

TEST(IceTransport, AnsweringWithinAnEventWorks) {
  IcePair pair;
  pair.a.when_up = [&](LinkId link) {
    pair.a.transport->send(link, Lane::kMedia, Datagram{'h', 'i'});
  };
  pair.b.when_message = [&](LinkId link, ByteSpan) {
    pair.b.transport->send(link, Lane::kMedia, Datagram{'o'});
    pair.b.transport->close(link);
  };
  pair.prepare();
  ASSERT_TRUE(run_until(pair.loop, [&] { return !pair.a.downs.empty(); }));
  EXPECT_EQ(pair.a.messages, std::vector<Datagram>{{'o'}});
  EXPECT_EQ(pair.a.downs[0].reason, DownReason::kClosedByPeer);
  EXPECT_TRUE(pair.b.downs.empty());
  EXPECT_EQ(pair.a.transport->links() + pair.b.transport->links(), 0u);
}

TEST(IceTransport, ManyLinksShareTwoPeers) {
  IcePair pair;
  constexpr uint32_t kLinks = 10;
  for (uint32_t i = 0; i < kLinks; ++i) pair.prepare(LinkId(kDialledLinkBit | i));
  ASSERT_TRUE(run_until(
      pair.loop, [&] { return pair.a.ups.size() == kLinks && pair.b.ups.size() == kLinks; }));
  for (uint32_t i = 0; i < kLinks; ++i) {
    const Datagram message{static_cast<uint8_t>(0x40 + i)};
    EXPECT_TRUE(pair.a.transport->send(LinkId(kDialledLinkBit | i), Lane::kMedia, message));
  }
  ASSERT_TRUE(run_until(pair.loop, [&] { return pair.b.messages.size() == kLinks; }));
}

TEST(IceTransport, TheListenersCertificateCanBeAskedFor) {
  IcePair pair;
  pair.a.prepare(kTestDial, LinkRole::kInitiator, LinkCertificate::kListener);
  pair.b.prepare(kTestDial, LinkRole::kResponder);
  ASSERT_TRUE(run_until(pair.loop, [&] { return pair.a.ups.size() + pair.b.ups.size() == 2; }));
  EXPECT_EQ(pair.b.ups[0].remote, pair.a.dtls.listener_fingerprint());
}

TEST(IceTransport, AnotherCertificateThanTheDescribedIsRefused) {
  for (const bool initiator : {true, false}) {
    IcePair pair;
    (initiator ? pair.a : pair.b).tamper = [](LinkDescription& told) { told.fingerprint[3] ^= 1; };
    pair.prepare();
    IcePeer& deceived = initiator ? pair.b : pair.a;
    ASSERT_TRUE(run_until(pair.loop, [&] { return !deceived.downs.empty(); }));
    EXPECT_EQ(deceived.downs[0].reason, DownReason::kWrongCertificate);
    EXPECT_TRUE(deceived.ups.empty());
  }
}

TEST(IceTransport, OnlyOneSideNeedsCandidates) {
  IcePair pair;
  pair.b.tamper = [](LinkDescription& told) {
    LinkDescription bare;
    bare.ufrag = told.ufrag;
    bare.password = told.password;
    bare.fingerprint = told.fingerprint;
    bare.native = told.native;
    told = bare;
  };
  ASSERT_TRUE(pair.connect());
  EXPECT_EQ(pair.a.transport->path(kTestDial), PathKind::kNat);  // as far as it can know
}

TEST(IceTransport, LateCandidatesAreTried) {
  IcePair pair;
  pair.a.peer = pair.b.peer = nullptr;
  pair.prepare();
  ASSERT_TRUE(run_until(pair.loop, [&] {
    return pair.a.descriptions.contains(kTestDial) && pair.b.descriptions.contains(kTestDial);
  }));
  const LinkDescription& a = pair.a.descriptions[kTestDial][0];
  const LinkDescription& b = pair.b.descriptions[kTestDial][0];
  auto bare = [](const LinkDescription& from) {
    LinkDescription out;
    out.ufrag = from.ufrag;
    out.password = from.password;
    out.fingerprint = from.fingerprint;
    out.native = true;
    return out;
  };
  pair.a.transport->set_remote_description(kTestDial, bare(b));
  pair.b.transport->set_remote_description(kTestDial, bare(a));
  run_for(pair.loop, Duration::millis(50));
  EXPECT_TRUE(pair.a.ups.empty());
  pair.a.transport->set_remote_description(kTestDial, b);
  EXPECT_TRUE(run_until(pair.loop, [&] { return pair.a.ups.size() + pair.b.ups.size() == 2; }));
}

TEST(IceTransport, ADescriptionThatCannotBeUsedEndsTheLink) {
  IcePair pair;
  pair.b.tamper = [](LinkDescription& told) { told = {}; };
  pair.prepare();
  ASSERT_TRUE(run_until(pair.loop, [&] { return !pair.a.downs.empty(); }));
  EXPECT_EQ(pair.a.downs[0].reason, DownReason::kBadDescription);
}

TEST(IceTransport, APeerThatNeverDescribesItselfIsGivenUp) {
  IcePair pair({}, {.remote_description = Duration::millis(30)});
  pair.a.peer = pair.b.peer = nullptr;
  pair.a.prepare(kTestDial, LinkRole::kInitiator);
  ASSERT_TRUE(run_until(pair.loop, [&] { return !pair.a.downs.empty(); }));
  EXPECT_EQ(pair.a.downs[0].reason, DownReason::kNoDescription);
}

TEST(IceTransport, TheNumberOfLinksIsLimited) {
  IcePair pair({}, {.max_links = 1});
  pair.a.prepare(kTestDial, LinkRole::kInitiator);
  pair.a.prepare(kTestDial.next(), LinkRole::kInitiator);
  EXPECT_TRUE(pair.a.downs.empty());  // never from within
  ASSERT_TRUE(run_until(pair.loop, [&] { return !pair.a.downs.empty(); }));
  EXPECT_EQ(pair.a.downs[0].id, kTestDial.next());
  EXPECT_EQ(pair.a.downs[0].reason, DownReason::kTooManyLinks);
}

TEST(IceTransport, RelayOnlyWithoutARelayLeaksNothing) {
  IcePair pair({.relay_only = true});
  pair.a.prepare(kTestDial, LinkRole::kInitiator);
  ASSERT_TRUE(run_until(pair.loop, [&] { return !pair.a.downs.empty(); }));
  EXPECT_EQ(pair.a.downs[0].reason, DownReason::kNoCandidates);
  for (const LinkDescription& told : pair.a.descriptions[kTestDial]) {
    EXPECT_TRUE(told.candidates().empty());
  }
}

}  // namespace
}  // namespace swarmcast::transport
