#include "host/doctor/reachability.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "host/doctor/fake_machine_for_test.h"
#include "host/transport/endpoint_for_test.h"

namespace swarmcast::doctor {
namespace {

using transport::at;

OwnAddress own(const std::string& address, const std::string& interface = "eth0") {
  const Endpoint endpoint = *transport::parse_address(address);
  return {endpoint, interface, kind_of(endpoint)};
}

Reachability judged(std::vector<OwnAddress> addresses, DefaultRoutes routes,
                    NatMeasurement measured = {}, const std::string& listen = "0.0.0.0:0") {
  addresses.push_back(own("127.0.0.1", "lo"));
  return judge_reachability(at(listen), std::move(addresses), std::move(routes),
                            std::move(measured));
}

State state_of(const Reachability& r, const std::string& id) {
  const auto findings = examine_reachability(r, 0);
  const auto found = std::ranges::find(findings, id, &Finding::id);
  EXPECT_NE(found, findings.end()) << id;
  EXPECT_FALSE(found->title.empty());
  EXPECT_TRUE(found->state != State::kWarning || !found->detail.empty()) << found->title;
  return found->state;
}

TEST(AddressesTest, Kinds) {
  const std::pair<const char*, AddressKind> cases[] = {{"8.8.8.8", AddressKind::kPublic},
                                                       {"10.1.2.3", AddressKind::kPrivate},
                                                       {"172.15.0.1", AddressKind::kPublic},
                                                       {"172.16.0.1", AddressKind::kPrivate},
                                                       {"172.31.255.255", AddressKind::kPrivate},
                                                       {"172.32.0.1", AddressKind::kPublic},
                                                       {"192.168.1.1", AddressKind::kPrivate},
                                                       {"100.63.255.255", AddressKind::kPublic},
                                                       {"100.64.0.1", AddressKind::kCarrier},
                                                       {"100.127.255.255", AddressKind::kCarrier},
                                                       {"100.128.0.1", AddressKind::kPublic},
                                                       {"169.254.3.4", AddressKind::kLinkLocal},
                                                       {"127.0.0.53", AddressKind::kLoopback},
                                                       {"224.0.0.251", AddressKind::kOther},
                                                       {"192.0.2.1", AddressKind::kOther},
                                                       {"::1", AddressKind::kLoopback},
                                                       {"fe80::1", AddressKind::kLinkLocal},
                                                       {"febf::1", AddressKind::kLinkLocal},
                                                       {"fd00::1", AddressKind::kUniqueLocal},
                                                       {"2a00:1450::1", AddressKind::kPublic},
                                                       {"2001:db8::1", AddressKind::kOther},
                                                       {"ff02::1", AddressKind::kOther},
                                                       {"::", AddressKind::kOther}};
  for (const auto& [text, kind] : cases) {
    EXPECT_STREQ(name(kind_of(*transport::parse_address(text))), name(kind)) << text;
  }
}

TEST(AddressesTest, OwnAddressesHaveTheLoopback) {
  EXPECT_TRUE(std::ranges::any_of(
      own_addresses(), [](const OwnAddress& a) { return a.kind == AddressKind::kLoopback; }));
}

TEST(AddressesTest, DefaultRoutes) {
  FakeMachine fake;
  EXPECT_EQ(default_routes(fake.machine).ipv4, "");
  fake.file("/proc/net/route",
            "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
            "eth0\t0000A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
            "eth0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
            "down0\t00000000\t0101A8C0\t0002\t0\t0\t1\t00000000\t0\t0\t0\n"
            "wlan0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
            "cut\t00000000\n");
  const std::string any(32, '0');
  fake.file("/proc/net/ipv6_route", any + " 00 " + any + " 00 " + any +
                                        " ffffffff 00000001 00000000 00200200       lo\n" + any +
                                        " 00 " + any +
                                        " 00 fe800000000000000000000000000001 00000400 00000003 "
                                        "00000000 00000003     eth0\n");
  EXPECT_EQ(default_routes(fake.machine).ipv4, "wlan0");
  EXPECT_EQ(default_routes(fake.machine).ipv6, "eth0");
}

TEST(ReachabilityTest, NoNetworkIsAProblem) {
  const Reachability r = judged({}, {});
  EXPECT_EQ(state_of(r, "network"), State::kProblem);
  EXPECT_EQ(r.direct_dial, Chance::kUnlikely);
  EXPECT_EQ(r.same_network, Chance::kUnlikely);
  EXPECT_EQ(r.relay, Chance::kUnlikely);
  EXPECT_EQ(state_of(r, "other-ways"), State::kWarning);
}

TEST(ReachabilityTest, AHotspotWithoutInternet) {
  const Reachability r = judged({own("10.42.0.1")}, {});
  EXPECT_EQ(state_of(r, "network"), State::kWarning);
  EXPECT_EQ(r.same_network, Chance::kLikely);
  EXPECT_EQ(r.direct_dial, Chance::kUnlikely);
}

TEST(ReachabilityTest, AServerWithAPublicAddress) {
  const Reachability r = judged({own("8.8.8.8")}, {.ipv4 = "eth0"});
  EXPECT_EQ(r.nat, Nat::kNone);
  EXPECT_EQ(r.direct_dial, Chance::kLikely);
  for (const char* id : {"network", "nat", "direct-dial", "other-ways"})
    EXPECT_EQ(state_of(r, id), State::kOk) << id;
}

TEST(ReachabilityTest, AHomeRouterIsNotKnownWithoutAsking) {
  const Reachability r = judged({own("192.168.1.5")}, {.ipv4 = "eth0"});
  EXPECT_EQ(r.nat, Nat::kLikely);
  EXPECT_EQ(r.direct_dial, Chance::kUnlikely);
  EXPECT_EQ(r.hole_punching, Chance::kUnknown);
  EXPECT_EQ(state_of(r, "nat"), State::kUnknown);
  EXPECT_EQ(state_of(r, "direct-dial"), State::kWarning);
  EXPECT_EQ(state_of(r, "other-ways"), State::kUnknown);
  EXPECT_NE(examine_reachability(r, 7000)[2].fix.find("port 7000"), std::string::npos);
}

TEST(ReachabilityTest, AProvidersNat) {
  const Reachability r = judged({own("100.70.1.2")}, {.ipv4 = "eth0"});
  EXPECT_EQ(r.nat, Nat::kCarrier);
  EXPECT_EQ(state_of(r, "nat"), State::kUnknown);
  EXPECT_EQ(state_of(r, "direct-dial"), State::kWarning);
  // An overlay network's address is not the way out.
  const Reachability vpn = judged({own("100.70.1.2", "tun0"), own("8.8.8.8")}, {.ipv4 = "eth0"});
  EXPECT_EQ(vpn.nat, Nat::kNone);
}

TEST(ReachabilityTest, PublicIpv6BehindARouter) {
  const DefaultRoutes both{.ipv4 = "eth0", .ipv6 = "eth0"};
  const auto addresses = {own("192.168.1.5"), own("2a00:1450::5")};
  EXPECT_EQ(judged(addresses, both, {}, "[::]:0").direct_dial, Chance::kPossible);
  EXPECT_EQ(judged(addresses, both, {}, "0.0.0.0:0").direct_dial, Chance::kUnlikely)
      << "it does not listen there";
  EXPECT_EQ(state_of(judged(addresses, both, {}, "[::]:0"), "direct-dial"), State::kUnknown);
}

TEST(ReachabilityTest, WhatWasMeasuredCounts) {
  const auto with = [](Mapping mapping, size_t answered) {
    return judged({own("192.168.1.5")}, {.ipv4 = "eth0"},
                  {.mapping = mapping, .asked = 2, .answered = answered});
  };
  const Reachability friendly = with(Mapping::kEndpointIndependent, 2);
  EXPECT_EQ(state_of(friendly, "nat"), State::kOk);
  EXPECT_EQ(friendly.hole_punching, Chance::kLikely);
  EXPECT_EQ(friendly.direct_dial, Chance::kUnlikely);
  const Reachability strict = with(Mapping::kSymmetric, 2);
  EXPECT_EQ(state_of(strict, "nat"), State::kWarning);
  EXPECT_EQ(state_of(strict, "other-ways"), State::kWarning);
  const Reachability open = with(Mapping::kNone, 2);
  EXPECT_EQ(open.nat, Nat::kNone);
  EXPECT_EQ(open.direct_dial, Chance::kLikely);
  EXPECT_EQ(state_of(with(Mapping::kUnknown, 1), "nat"), State::kUnknown);
  EXPECT_EQ(state_of(with(Mapping::kUnknown, 0), "nat"), State::kWarning);
}

TEST(ReachabilityTest, Firewall) {
  FakeMachine fake;
  EXPECT_FALSE(examine_firewall(fake.machine, 0));
  fake.file("/etc/ufw/ufw.conf", "# comment\nENABLED=no\n");
  EXPECT_FALSE(examine_firewall(fake.machine, 0));
  fake.file("/etc/ufw/ufw.conf", "# comment\nENABLED=yes\n");
  const auto found = examine_firewall(fake.machine, 7000);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->state, State::kWarning);
  EXPECT_NE(found->fix.find("ufw allow 7000"), std::string::npos);
}

}  // namespace
}  // namespace swarmcast::doctor
