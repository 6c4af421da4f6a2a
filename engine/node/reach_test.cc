// Swarms of real engines in which most cannot be dialled, under virtual time.
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/crypto/path_greeting.h"
#include "engine/node/swarm_for_test.h"
#include "engine/wire/envelope.h"
#include "engine/wire/signal.h"
#include "host/platform/sodium_crypto.h"

namespace swarmcast::node {
namespace {

EngineOptions undialable(size_t max_children = 4) {
  return {.listening = false, .max_places = max_children * kStripes};
}

TEST(ReachTest, AViewerThatNobodyCanDialBecomesTheParentOfAnother) {
  World w(1);
  w.default_link.one_way = Duration::millis(30);
  const size_t source = w.add_source(with_children(1));
  w.publish_every(source, kFramePeriod, kFrameSize);
  const size_t first = w.add_peer(source, undialable());
  w.run_for(Duration::seconds(2));
  const size_t second = w.add_peer(source, undialable());
  EXPECT_TRUE(w.run_until_true([&] { return shown_count(w, second) > 0; }, Duration::seconds(2)));
  EXPECT_EQ(hop(w, first), 1);
  EXPECT_EQ(hop(w, second), 2);
  EXPECT_GE(w.prepared_links, 1u);
  EXPECT_EQ(w.engine(first).stats(w.now()).children, 1);
  w.run_for(Duration::seconds(5));
  EXPECT_GT(shown_count(w, second), 90u);
}

// It listens, and tells so; its NAT lets nobody in.
TEST(ReachTest, ADialThatBringsNothingGetsAKnockBesideIt) {
  World w(2);
  const size_t source = w.add_source(with_children(1));
  w.publish_every(source, kFramePeriod, kFrameSize);
  const size_t first = w.add_peer_behind_nat(source);
  w.run_for(Duration::seconds(2));
  const size_t second = w.add_peer_behind_nat(source);
  EXPECT_TRUE(w.run_until_true([&] { return hop(w, second) == 2; }, Duration::seconds(1)));
  EXPECT_EQ(w.prepared_links, 1u);
  w.run_for(Duration::seconds(5));
  EXPECT_EQ(w.engine(first).stats(w.now()).peers, 2) << "the source and the child, no link twice";
}

TEST(ReachTest, WhoCanBeDialledIsNotKnocked) {
  World w(3);
  const size_t source = w.add_source(with_children(2));
  w.publish_every(source, kFramePeriod, kFrameSize);
  for (int i = 0; i < 8; ++i) {
    w.add_peer(source, with_children(2));
    w.run_for(Duration::seconds(1));
  }
  w.run_for(Duration::seconds(5));
  EXPECT_EQ(w.prepared_links, 0u);
  EXPECT_EQ(w.engine(source).stats(w.now()).signals.forwarded, 0u);
}

class ReachHops : public ::testing::TestWithParam<int> {};

// Each peer has one place; the source refers a newcomer to the peer at the end of the chain.
TEST_P(ReachHops, ANewcomerIsReferredToTheEndOfAChainNobodyCanDial) {
  World w(4);
  w.default_link.one_way = Duration::millis(20);
  const size_t source = w.add_source(with_children(1));
  w.publish_every(source, kFramePeriod, kFrameSize);
  size_t last = source;
  for (int i = 1; i <= GetParam() + 1; ++i) {
    last = w.add_peer(source, undialable(1));
    ASSERT_TRUE(w.run_until_true([&] { return hop(w, last) == i; }, Duration::seconds(2)))
        << "peer " << i;
    w.run_for(Duration::seconds(3));  // reports go up
  }
  w.run_for(Duration::seconds(5));
  EXPECT_GT(shown_count(w, last), 80u);
  EXPECT_GE(w.prepared_links, static_cast<size_t>(GetParam())) << "backups come on top";
}
INSTANTIATE_TEST_SUITE_P(Hops, ReachHops, ::testing::Values(1, 3, 6));

TEST(ReachTest, ASwarmInWhichOnlyTheSourceCanBeDialledSurvivesTheLossOfARelay) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World w(seed);
    w.default_link.one_way = Duration::millis(15);
    lose_a_relay(w, undialable(2), Duration::seconds(8), Duration::seconds(5));
  }
}

TEST(ReachTest, AnEntryThatCannotBeDialledIsReachedThroughItsGateway) {
  World w(5);
  w.gateways = true;
  w.default_link.one_way = Duration::millis(30);
  const size_t source = w.add_source();
  w.node(source).answers_dials = false;
  w.publish_every(source, kFramePeriod, kFrameSize);
  std::vector<size_t> viewers;
  for (int i = 0; i < 6; ++i) {
    viewers.push_back(w.add_peer(source, undialable()));
    EXPECT_TRUE(
        w.run_until_true([&] { return shown_count(w, viewers.back()) > 0; }, Duration::seconds(3)))
        << "viewer " << i;
    w.run_for(Duration::seconds(1));
  }
  EXPECT_EQ(w.engine(source).stats(w.now()).witnesses, 6u);
}

TEST(ReachTest, WithoutAGatewayItIsUnreachable) {
  World w(6);
  const size_t source = w.add_source();
  w.node(source).answers_dials = false;
  const size_t viewer = w.add_peer(source);
  w.run_for(Duration::seconds(30));
  ASSERT_EQ(w.node(viewer).ended.size(), 1u);
  EXPECT_EQ(w.node(viewer).ended[0], output::EndReason::kEntryUnreachable);
}

TEST(ReachTest, ASilentGatewayChangesNothingAboutThat) {
  World w(7);
  w.gateways = true;
  w.path_tap = [](size_t, size_t, std::vector<uint8_t>&) { return false; };
  const size_t source = w.add_source();
  w.node(source).answers_dials = false;
  const size_t viewer = w.add_peer(source);
  w.run_for(Duration::seconds(40));
  ASSERT_EQ(w.node(viewer).ended.size(), 1u);
  EXPECT_EQ(w.node(viewer).ended[0], output::EndReason::kEntryUnreachable);
}

TEST(ReachTest, PeersThatCannotMeetTryOthersAndLeaveNothingBehind) {
  World w(8);
  const size_t source = w.add_source(with_children(2));
  w.publish_every(source, kFramePeriod, kFrameSize);
  const size_t hidden = w.add_peer(source, undialable());
  w.can_meet = [&](size_t a, size_t b) { return a != hidden && b != hidden; };
  const size_t open = w.add_peer(source, undialable());
  w.run_for(Duration::seconds(3));
  const size_t late = w.add_peer(source, undialable());
  EXPECT_TRUE(w.run_until_true([&] { return hop(w, late) == 2; }, Duration::seconds(5)));
  w.run_for(Duration::seconds(30));
  EXPECT_EQ(w.engine(open).stats(w.now()).children, 1);
  EXPECT_EQ(w.engine(hidden).stats(w.now()).peers, 1);
}

TEST(ReachTest, SignalsGetThroughLossyLinks) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World w(seed);
    w.default_link = {.one_way = Duration::millis(30), .loss = 0.1};
    const size_t source = w.add_source(with_children(1));
    w.publish_every(source, kFramePeriod, kFrameSize);
    const size_t first = w.add_peer(source, undialable(1));
    w.run_for(Duration::seconds(3));
    w.add_peer(source, undialable(1));
    w.run_for(Duration::seconds(4));
    const size_t third = w.add_peer(source, undialable(1));
    EXPECT_TRUE(w.run_until_true([&] { return hop(w, third) == 3; }, Duration::seconds(5)));
    EXPECT_EQ(hop(w, first), 1);
  }
}

// --- what others see

bool contains(ByteSpan where, ByteSpan what) {
  return std::search(where.begin(), where.end(), what.begin(), what.end()) != where.end();
}

// Every address of every node: what it listens at, what its links' ends are at.
bool shows_an_address(World& w, ByteSpan bytes) {
  for (size_t i = 0; i < w.size(); ++i) {
    auto ip = w.node(i).endpoint.ip;
    for (uint8_t second : {ip[13], uint8_t{99}}) {
      ip[13] = second;
      if (contains(bytes, ByteSpan(ip).subspan(10))) return true;
    }
  }
  return false;
}

TEST(ReachTest, NoAddressIsInAnythingThatTheSecretAloneOpens) {
  World w(9);
  w.gateways = true;
  const SwarmSecret secret{1, 2, 3};
  std::vector<std::vector<uint8_t>> signals, greetings;
  bool others_show = false;
  const size_t kNodes = 5;
  w.tap = [&](size_t, size_t, std::vector<uint8_t>& message) {
    const auto envelope = wire::parse_envelope(message);
    if (!envelope) return true;
    ByteSpan bodies = envelope->bodies;
    for (ByteSpan body = wire::take_body(bodies); !body.empty(); body = wire::take_body(bodies)) {
      if (body[0] == wire::kSignalType)
        signals.emplace_back(body.begin(), body.end());
      else
        others_show |= shows_an_address(w, body);
    }
    return true;
  };
  w.path_tap = [&](size_t, size_t, std::vector<uint8_t>& message) {
    auto& kind = message[0] == wire::kSignalType ? signals : greetings;
    kind.push_back(message);
    return true;
  };
  const size_t source = w.add_source({.secret = secret, .max_places = 1 * kStripes});
  w.node(source).answers_dials = false;
  w.publish_every(source, kFramePeriod, kFrameSize);
  for (size_t i = 1; i < kNodes; ++i) {
    w.add_peer_behind_nat(source, {.secret = secret, .max_places = 1 * kStripes});
    w.run_for(Duration::seconds(5));
  }
  ASSERT_EQ(hop(w, kNodes - 1), 4) << "all of it was needed";
  EXPECT_TRUE(others_show) << "contacts hold addresses, and the search finds them";
  ASSERT_GE(signals.size(), 20u);
  ASSERT_GE(greetings.size(), 8u);
  for (const auto& bytes : signals) {
    EXPECT_EQ(bytes.size(), wire::kSignalSize);
    EXPECT_FALSE(shows_an_address(w, bytes));
  }
  crypto::GreetingNonce asked{};
  size_t opened = 0;
  for (const auto& bytes : greetings) {
    EXPECT_FALSE(shows_an_address(w, bytes));
    const auto greeting = wire::parse_greeting(bytes);
    ASSERT_TRUE(greeting);
    if (!greeting->answer) asked = greeting->nonce;
    const auto& crypto = platform::sodium_crypto();
    const auto record = greeting->answer ? crypto::open_answer(crypto, secret, asked, *greeting)
                                         : crypto::open_ask(crypto, secret, *greeting);
    ASSERT_TRUE(record);
    ++opened;
    Bytes<wire::kPeerRecordSize> plain;
    ByteWriter out(plain);
    wire::write_peer_record(out, *record);
    EXPECT_FALSE(shows_an_address(w, plain));
  }
  EXPECT_EQ(opened, greetings.size());
}

}  // namespace
}  // namespace swarmcast::node
