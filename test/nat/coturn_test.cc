// Relayed links through coturn on the loopback interface, and what is said if it does not work.
#include "test/support/coturn.h"

#include <gtest/gtest.h>

#include "host/transport/ice_test_support.h"
#include "host/transport/turn_probe.h"

namespace swarmcast::test {
namespace {

using namespace transport;

constexpr uint16_t kPort = 34'780;

class CoturnTest : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    std::string why;
    coturn_ = Coturn::start("127.0.0.1", kPort, &why);
    if (!coturn_) GTEST_SKIP() << why;
  }
  static TransportOptions options(const std::string& password = Coturn::kPassword,
                                  uint16_t port = kPort) {
    return {.turn = {{*parse_endpoint("127.0.0.1", port), GetParam(), Coturn::kUser, password}},
            .relay_only = true};
  }
  static DownReason failure(const TransportOptions& options, const IceLimits& limits = {}) {
    IcePair pair(options, limits);
    pair.prepare();
    EXPECT_TRUE(run_until(pair.loop, [&] { return !pair.a.downs.empty(); }));
    return pair.a.downs.empty() ? DownReason::kSilence : pair.a.downs[0].reason;
  }
  std::unique_ptr<Coturn> coturn_;
};

INSTANTIATE_TEST_SUITE_P(UdpAndTcp, CoturnTest, testing::Bool(),
                         [](const auto& test) { return test.param ? "Tcp" : "Udp"; });

TEST_P(CoturnTest, ARelayOnlyLinkCarriesMessages) {
  IcePair pair(options());
  ASSERT_TRUE(pair.connect());
  EXPECT_EQ(pair.a.transport->path(kTestDial), PathKind::kRelayed);
  const Datagram message(kMaxMessageSize, 0x41);
  EXPECT_TRUE(pair.a.transport->send(kTestDial, Lane::kMedia, message));
  EXPECT_TRUE(pair.b.transport->send(kTestDial, Lane::kMedia, message));
  ASSERT_TRUE(
      run_until(pair.loop, [&] { return !pair.a.messages.empty() && !pair.b.messages.empty(); }));
  EXPECT_EQ(pair.a.messages[0], message);
}

TEST_P(CoturnTest, AWrongPasswordIsSaid) {
  EXPECT_EQ(failure(options("wrong")), DownReason::kRelayRefused);
}

TEST_P(CoturnTest, ADeadServerIsSaid) {
  IceLimits limits;
  limits.gathering = Duration::seconds(1);
  EXPECT_EQ(failure(options(Coturn::kPassword, kPort + 1), limits), DownReason::kRelaySilent);
}

TEST(TurnProbe, AServerThatOnlyAnswersWithGarbageIsDead) {
  Loop loop;
  RawSocket fake;
  Loop::FdWatch watch(loop, fake.fd(), Loop::FdWatch::kReadable, [&](unsigned) {
    while (const auto got = fake.receive()) {
      fake.send(got->first, Datagram(got->second.size(), 0x00));
      fake.send(got->first, Datagram(1'400, 0x01));
    }
  });
  std::optional<TurnProbe::Result> result;
  TurnProbe probe(loop, {fake.local(), false, "a", "b"}, [&](TurnProbe::Result r) { result = r; });
  ASSERT_TRUE(run_until(loop, [&] { return result.has_value(); }));
  EXPECT_EQ(*result, TurnProbe::Result::kSilent);
}

TEST_P(CoturnTest, AProbeFindsAWorkingServer) {
  Loop loop;
  std::optional<TurnProbe::Result> result;
  TurnProbe probe(loop, options().turn[0], [&](TurnProbe::Result r) { result = r; });
  ASSERT_TRUE(run_until(loop, [&] { return result.has_value(); }));
  EXPECT_EQ(*result, TurnProbe::Result::kWorks);
}

}  // namespace
}  // namespace swarmcast::test
