// Two native peers, each behind an emulated NAT, and a STUN and TURN server (coturn) between them.
#include <gtest/gtest.h>

#include "host/transport/ice_test_support.h"
#include "test/nat/namespace_scope.h"
#include "test/support/coturn.h"
#include "test/support/netns.h"

namespace swarmcast::test {
namespace {

using namespace transport;

constexpr uint16_t kStunPort = 3478;
constexpr size_t kServer = 2;
constexpr const char* kOutside[] = {"198.51.100.1", "198.51.100.2"};

class NatTest : public testing::Test {
 protected:
  // `kinds`: of the NATs, "cone" or "symmetric"; empty for none.
  void set_up(const std::string& a, const std::string& b, const std::string& links = "delay=20ms") {
    std::string why;
    wan_ = Wan::create(3, &why);
    if (!wan_) GTEST_SKIP() << why;
    ASSERT_TRUE(wan_->every_link(links));
    ASSERT_TRUE(a.empty() || nat(0, a));
    ASSERT_TRUE(b.empty() || nat(1, b));
    coturn_ =
        Coturn::start(wan_->address(kServer), kStunPort, &why, wan_->network_namespace(kServer));
    if (!coturn_) GTEST_SKIP() << why;
  }
  bool nat(size_t host, const std::string& kind) {
    return wan_->command("nat h" + std::to_string(host) + " " + kOutside[host] + " " + kind);
  }
  Endpoint server() const { return *parse_endpoint(wan_->address(kServer), kStunPort); }
  TurnServer turn(bool tcp = false) const {
    return {server(), tcp, Coturn::kUser, Coturn::kPassword};
  }
  void prepare(const TransportOptions& a, const TransportOptions& b, IceLimits limits = {}) {
    for (size_t i : {0, 1}) {
      peers_[i] = std::make_unique<IcePeer>(loop_, i == 0 ? a : b, limits, "0.0.0.0");
    }
    for (size_t i : {0, 1}) {
      peers_[i]->peer = peers_[1 - i].get();
      const NamespaceScope scope(wan_->network_namespace(i));
      peers_[i]->prepare(kTestDial, i == 0 ? LinkRole::kInitiator : LinkRole::kResponder);
    }
  }
  bool connected() {
    return run_until(loop_, [&] { return peers_[0]->ups.size() + peers_[1]->ups.size() == 2; });
  }
  void expect_messages_both_ways() {
    const Datagram message(kMaxMessageSize, 0x41);
    for (auto& peer : peers_) {
      EXPECT_TRUE(peer->transport->send(kTestDial, Lane::kMedia, message));
    }
    EXPECT_TRUE(run_until(
        loop_, [&] { return !peers_[0]->messages.empty() && !peers_[1]->messages.empty(); }));
  }
  PathKind path(size_t i) const { return peers_[i]->transport->path(kTestDial); }

  std::unique_ptr<Wan> wan_;
  std::unique_ptr<Coturn> coturn_;
  Loop loop_;
  std::unique_ptr<IcePeer> peers_[2];
};

TEST_F(NatTest, WithoutNatsTheLinkIsDirect) {
  set_up("", "");
  if (IsSkipped()) return;
  prepare({}, {});
  ASSERT_TRUE(connected());
  EXPECT_EQ(path(0), PathKind::kDirect);
  EXPECT_EQ(path(1), PathKind::kDirect);
  expect_messages_both_ways();
}

TEST_F(NatTest, TwoEndpointIndependentNatsAreCrossedWithAStunServer) {
  set_up("cone", "cone");
  if (IsSkipped()) return;
  const TransportOptions options{.stun = {{server()}}};
  prepare(options, options);
  ASSERT_TRUE(connected());
  EXPECT_EQ(path(0), PathKind::kNat);
  EXPECT_EQ(path(1), PathKind::kNat);
  EXPECT_EQ(address_text(peers_[0]->ups[0].endpoint), kOutside[1]);
  expect_messages_both_ways();
}

TEST_F(NatTest, OneSymmetricNatIsCrossedToAHostWithoutOne) {
  set_up("symmetric", "");
  if (IsSkipped()) return;
  prepare({}, {});
  ASSERT_TRUE(connected());
  EXPECT_EQ(path(0), PathKind::kNat);
  expect_messages_both_ways();
}

TEST_F(NatTest, WithoutAServerTwoNatsAreInTheWay) {
  set_up("cone", "cone");
  if (IsSkipped()) return;
  IceLimits limits;
  limits.direct.connect_limit = Duration::seconds(2);
  prepare({}, {}, limits);
  ASSERT_TRUE(
      run_until(loop_, [&] { return !peers_[0]->downs.empty() && !peers_[1]->downs.empty(); }));
  EXPECT_EQ(peers_[0]->downs[0].reason, DownReason::kNoPath);
  EXPECT_EQ(peers_[1]->downs[0].reason, DownReason::kNoPath);
}

TEST_F(NatTest, TwoSymmetricNatsNeedTheTurnServer) {
  set_up("symmetric", "symmetric");
  if (IsSkipped()) return;
  const TransportOptions options{.stun = {{server()}}, .turn = {turn()}};
  prepare(options, options);
  ASSERT_TRUE(connected());
  EXPECT_EQ(path(0), PathKind::kRelayed);
  EXPECT_EQ(path(1), PathKind::kRelayed);
  expect_messages_both_ways();
}

TEST_F(NatTest, ASlowRelayWorksOverUdpAndTcp) {
  for (const bool tcp : {false, true}) {
    set_up("symmetric", "symmetric", "delay=100ms");  // 200 ms each way through the relay
    if (IsSkipped()) return;
    const TransportOptions options{.turn = {turn(tcp)}, .relay_only = true};
    prepare(options, options);
    ASSERT_TRUE(connected()) << "tcp " << tcp;
    EXPECT_EQ(path(0), PathKind::kRelayed);
    // The handshake's two flights each, none of them twice: the timers are those of a relayed path.
    for (const auto& peer : peers_) EXPECT_LE(peer->transport->stats().datagrams_out, 3u);
    expect_messages_both_ways();
    peers_[0].reset();
    peers_[1].reset();
  }
}

TEST_F(NatTest, RelayOnlyTellsNothingOfTheHost) {
  set_up("cone", "");
  if (IsSkipped()) return;
  const TransportOptions hidden{.stun = {{server()}}, .turn = {turn()}, .relay_only = true};
  prepare(hidden, {});
  ASSERT_TRUE(connected());
  for (const LinkDescription& told : peers_[0]->descriptions[kTestDial]) {
    for (const Candidate& candidate : told.candidates()) {
      EXPECT_EQ(candidate.type, CandidateType::kRelayed);
      EXPECT_EQ(address_text(candidate.endpoint), wan_->address(kServer));
    }
  }
  EXPECT_EQ(path(1), PathKind::kRelayed);
  // Not one packet goes between the two.
  const nlohmann::json stats = wan_->stats();
  EXPECT_TRUE(Wan::path_stats(stats, 0, 1).is_null());
  EXPECT_TRUE(Wan::path_stats(stats, 1, 0).is_null());
}

}  // namespace
}  // namespace swarmcast::test
