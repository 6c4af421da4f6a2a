// What those can do who pass signals on, or send many.
#include <gtest/gtest.h>

#include "engine/base/random.h"
#include "engine/node/signal_net_for_test.h"

namespace swarmcast::node {
namespace {

TEST(HostileSignalling, AForwarderThatRepeatsGainsNothing) {
  SignalNet net;
  const auto peers = net.chain(2);
  std::vector<std::vector<uint8_t>> seen;
  net.tap = [&](size_t from, size_t to, std::vector<uint8_t>& bytes) {
    if (from == peers[1] && to == peers[2]) seen.push_back(bytes);
    return true;
  };
  net.knock(peers[0], net.contact(peers[2]));
  net.run_for(kHop * 6);
  auto& callee = net.peer(peers[2]);
  const auto sent = callee.counts.sent;
  const size_t at_once = seen.size();
  for (const auto& bytes : seen) net.inject(peers[1], peers[2], bytes);
  net.run_for(Duration::seconds(30));
  for (const auto& bytes : seen) net.inject(peers[1], peers[2], bytes);
  EXPECT_EQ(callee.counts.replayed, at_once + seen.size());
  EXPECT_EQ(callee.counts.sent, sent) << "not even an answer";
  EXPECT_EQ(callee.counts.accepted, 1u);
}

TEST(HostileSignalling, WhatIsTooOldIsRefusedEvenIfItWasNeverSeen) {
  SignalNet net;
  const auto peers = net.chain(2);
  std::vector<uint8_t> kept;
  net.tap = [&](size_t from, size_t, std::vector<uint8_t>& bytes) {
    if (from == peers[1] && kept.empty()) {
      kept = bytes;
      return false;
    }
    return from != peers[1];
  };
  net.knock(peers[0], net.contact(peers[2]));
  net.run_for(overlay::kMaxSignalAge + Duration::millis(100));
  net.inject(peers[1], peers[2], kept);
  EXPECT_EQ(net.peer(peers[2]).counts.replayed, 1u);
  EXPECT_EQ(net.peer(peers[2]).counts.accepted, 0u);
}

TEST(HostileSignalling, AForwarderThatAltersIsNotBelievedNorAnswered) {
  Prng random(5);
  for (int round = 0; round < 50; ++round) {
    SignalNet net;
    const auto peers = net.chain(2);
    net.tap = [&](size_t from, size_t to, std::vector<uint8_t>& bytes) {
      if (from == peers[1] && to == peers[2])
        bytes[2 + random.below(bytes.size() - 2)] ^= static_cast<uint8_t>(1 << random.below(8));
      return true;
    };
    net.knock(peers[0], net.contact(peers[2]));
    net.run_for(overlay::kKnockTimeout + Duration::seconds(1));
    EXPECT_EQ(net.peer(peers[2]).counts.accepted, 0u) << "round " << round;
    EXPECT_EQ(net.peer(peers[2]).counts.sent, 0u) << "round " << round;
    EXPECT_EQ(net.peer(peers[0]).given_up.size(), 1u);
  }
}

TEST(HostileSignalling, AFloodFromANeighbourIsCutToItsRate) {
  SignalNet net;
  const auto peers = net.chain(2);
  std::vector<uint8_t> knock;
  net.tap = [&](size_t from, size_t, std::vector<uint8_t>& bytes) {
    if (from == peers[0]) knock = bytes;
    return true;
  };
  net.knock(peers[0], net.contact(peers[2]));
  auto& forwarder = net.peer(peers[1]);
  for (int i = 0; i < 10'000; ++i) {
    net.inject(peers[0], peers[1], knock);
    net.run_for(Duration::millis(1));
  }
  const uint64_t allowed = overlay::kSignalBurst + 10 * overlay::kSignalRate;
  EXPECT_LE(forwarder.counts.forwarded, allowed + 5);
  EXPECT_GE(forwarder.counts.over_limit, 10'000 - allowed - 5);
}

TEST(HostileSignalling, AFloodOfGarbageIsCountedAndNeverAnswered) {
  SignalNet net;
  const auto peers = net.chain(1);
  auto& victim = net.peer(peers[1]);
  Prng random(6);
  for (int i = 0; i < 2'000; ++i) {
    std::vector<uint8_t> bytes(wire::kSignalSize);
    for (uint8_t& b : bytes) b = static_cast<uint8_t>(random.next());
    bytes[0] = wire::kSignalType;
    bytes[1] = 7;
    std::copy(victim.id.bytes.begin(), victim.id.bytes.end(), bytes.begin() + 2);
    net.inject(peers[0], peers[1], bytes);
    net.run_for(Duration::millis(1));
  }
  EXPECT_EQ(victim.counts.sent, 0u);
  EXPECT_EQ(victim.counts.malformed + victim.counts.over_limit, 2'000u);
  EXPECT_LE(victim.counts.malformed,
            uint64_t{overlay::kSignalBurst} + 2 * overlay::kSignalRate + 1);
}

// One neighbour invites many identities of its own making.
TEST(HostileSignalling, ManyCallersThroughOneInviterGetFewPlaces) {
  SignalNet net;
  const size_t victim = net.add(), inviter = net.add();
  net.connect(victim, inviter);
  std::vector<size_t> callers;
  for (int i = 0; i < 60; ++i) {
    callers.push_back(net.add());
    net.connect(callers.back(), inviter);
    net.name(inviter, callers.back(), victim);
  }
  for (size_t c : callers) net.knock(c, net.contact(victim));
  net.run_for(Duration::millis(100));
  EXPECT_LE(net.peer(victim).counts.accepted, overlay::kMaxPendingPerInviter);
  EXPECT_GE(net.peer(victim).counts.accepted, 1u);
  net.run_for(Duration::seconds(20));
  EXPECT_EQ(net.peer(victim).given_up.size(), net.peer(victim).counts.accepted)
      << "places come free again";
}

TEST(HostileSignalling, FewCallersOfOneNetworkHoldALink) {
  SignalNet net;
  const size_t victim = net.add();
  const auto remote = [](uint8_t net_byte, uint8_t host) {
    return Endpoint{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 203, 0, net_byte, host}, 4'000};
  };
  size_t held = 0;
  std::vector<LinkId> links;
  for (uint8_t i = 0; i < 30; ++i) {
    const size_t caller = net.add();
    net.connect(caller, victim);
    net.knock(caller, net.contact(victim));
    net.run_for(Duration::millis(300));
    auto& v = net.peer(victim);
    for (const auto& [link, prepare] : v.prepared) {
      if (prepare.peer != net.peer(caller).id) continue;
      const bool up =
          v.signalling->on_link_up(link, remote(113, i), v.described.at(link).fingerprint);
      if (up) links.push_back(link);
      held += up;
    }
  }
  EXPECT_EQ(held, overlay::kMaxCallersPerNetwork);
  // Another network is welcome, and a link that goes makes room.
  const size_t other = net.add();
  net.connect(other, victim);
  net.knock(other, net.contact(victim));
  net.run_for(Duration::seconds(1));
  auto& v = net.peer(victim);
  for (const auto& [link, prepare] : v.prepared)
    if (prepare.peer == net.peer(other).id) {
      EXPECT_TRUE(v.signalling->on_link_up(link, remote(114, 1), v.described.at(link).fingerprint));
    }
}

TEST(HostileSignalling, ALinkWithAnotherCertificateIsRefused) {
  SignalNet net;
  const auto peers = net.chain(2);
  const LinkId link = net.knock(peers[0], net.contact(peers[2]));
  net.run_for(kHop * 6);
  auto& caller = net.peer(peers[0]);
  EXPECT_FALSE(caller.signalling->on_link_up(link, {}, seed_of(99, 9)));
  EXPECT_EQ(caller.counts.forged, 1u);
  EXPECT_TRUE(caller.signalling->on_link_up(link, {}, caller.described.at(link).fingerprint));
}

}  // namespace
}  // namespace swarmcast::node
