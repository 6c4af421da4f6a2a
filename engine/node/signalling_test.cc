// How two peers find each other by signals.
#include <gtest/gtest.h>

#include "engine/node/signal_net_for_test.h"

namespace swarmcast::node {
namespace {

class Hops : public ::testing::TestWithParam<size_t> {};

TEST_P(Hops, AKnockArrivesAndItsAnswerFindsBack) {
  SignalNet net;
  const auto peers = net.chain(GetParam());
  const LinkId link = net.knock(peers.front(), net.contact(peers.back()));
  net.run_for(kHop * int64_t(3 * GetParam()));
  EXPECT_TRUE(net.met(peers.front(), link, peers.back()));
  for (size_t i = 1; i + 1 < peers.size(); ++i)
    EXPECT_EQ(net.peer(peers[i]).counts.forwarded, 3u) << "knock, answer, description";
}
INSTANTIATE_TEST_SUITE_P(Chains, Hops, ::testing::Values(1, 2, 3, 6, 8));

TEST(SignallingTest, BeyondTheLimitOfHopsNothingArrives) {
  SignalNet net;
  const auto peers = net.chain(9);
  net.knock(peers.front(), net.contact(peers.back()));
  net.run_for(overlay::kKnockTimeout + Duration::seconds(1));
  EXPECT_EQ(net.peer(peers.back()).counts.accepted, 0u);
  EXPECT_EQ(net.peer(peers[8]).counts.no_way, 3u);
  EXPECT_EQ(net.peer(peers.front()).given_up.size(), 1u);
}

TEST(SignallingTest, ACallerThatKnowsNoWayGivesUpAtOnce) {
  SignalNet net;
  const size_t a = net.add(), b = net.add();
  const LinkId link = net.knock(a, net.contact(b));
  EXPECT_EQ(net.peer(a).given_up, std::vector{link});
}

TEST(SignallingTest, ARecordUnderAnotherIdIsNotKnocked) {
  SignalNet net;
  const auto peers = net.chain(2);
  Contact mixed = net.contact(peers[2]);
  mixed.record = net.peer(peers[1]).signalling->record();
  net.knock(peers[0], mixed);
  EXPECT_EQ(net.peer(peers[0]).counts.sent, 0u);
  EXPECT_EQ(net.peer(peers[0]).given_up.size(), 1u);
}

TEST(SignallingTest, AnyOneSignalMayBeLost) {
  for (int lost = 0; lost < 3; ++lost) {
    SignalNet net;
    const auto peers = net.chain(2);
    int count = 0;
    net.tap = [&](size_t from, size_t, std::vector<uint8_t>&) {
      return from != peers[1] || count++ != lost;
    };
    const LinkId link = net.knock(peers[0], net.contact(peers[2]));
    net.run_for(Duration::seconds(1));
    EXPECT_TRUE(net.met(peers[0], link, peers[2])) << "lost: " << lost;
    EXPECT_EQ(net.peer(peers[2]).counts.accepted, 1u);
  }
}

TEST(SignallingTest, BothSidesGiveUpWhenNothingComesThrough) {
  SignalNet net;
  const auto peers = net.chain(2);
  net.tap = [&](size_t from, size_t to, std::vector<uint8_t>&) {
    return from != peers[1] || to != peers[0];  // every answer is lost
  };
  net.knock(peers[0], net.contact(peers[2]));
  net.run_for(overlay::kKnockTimeout + Duration::seconds(1));
  EXPECT_EQ(net.peer(peers[0]).given_up.size(), 1u);
  EXPECT_EQ(net.peer(peers[2]).given_up.size(), 1u);
  EXPECT_EQ(net.peer(peers[2]).counts.accepted, 1u) << "a repeated knock is the same knock";
  EXPECT_TRUE(net.peer(peers[0]).signalling->next_timeout().is_never());
  EXPECT_TRUE(net.peer(peers[2]).signalling->next_timeout().is_never());
}

TEST(SignallingTest, CandidatesGoOnlyToWhoHasAccepted) {
  SignalNet net;
  const auto peers = net.chain(2);
  net.peer(peers[2]).room = false;
  const LinkId link = net.knock(peers[0], net.contact(peers[2]));
  net.run_for(Duration::seconds(1));
  EXPECT_EQ(net.peer(peers[0]).given_up, std::vector{link}) << "refused, at once";
  EXPECT_EQ(net.peer(peers[0]).counts.sent, 1u) << "the knock and nothing else";
  EXPECT_TRUE(net.peer(peers[0]).prepared.empty());
  EXPECT_TRUE(net.peer(peers[2]).prepared.empty());
}

TEST(SignallingTest, LaterCandidatesReplaceEarlierOnesAndNothingElseChanges) {
  SignalNet net;
  const auto peers = net.chain(2);
  const LinkId link = net.knock(peers[0], net.contact(peers[2]));
  net.run_for(kHop * 6);
  ASSERT_TRUE(net.met(peers[0], link, peers[2]));
  auto& caller = net.peer(peers[0]);
  auto& callee = net.peer(peers[2]);
  const LinkId there = callee.prepared.begin()->first;
  const auto more = description(peers[2], 3);
  callee.signalling->on_local_description(net.moment(peers[2]), there, more);
  callee.signalling->on_timeout(net.moment(peers[2]));
  net.knock(peers[2], {});  // drains
  net.run_for(kHop * 3);
  EXPECT_EQ(caller.described.at(link), more);
  LinkDescription other = description(peers[1], 2);
  callee.signalling->on_local_description(net.moment(peers[2]), there, other);
  net.knock(peers[2], {});
  net.run_for(kHop * 3);
  EXPECT_EQ(caller.described.at(link), more) << "another certificate is another link";
}

}  // namespace
}  // namespace swarmcast::node
