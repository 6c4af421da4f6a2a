// Signalling alone: peers that know how to pass a signal on, and nothing else. Virtual time.
#include "engine/node/signalling.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <queue>

#include "engine/base/random.h"
#include "engine/crypto/identity.h"
#include "host/platform/sodium_crypto.h"

namespace swarmcast::node {
namespace {

namespace action = signalling_action;

constexpr Duration kHop = Duration::millis(10);
constexpr uint32_t kOwn = 0x8000'0000;

Bytes<32> seed_of(size_t n, uint8_t kind) {
  Bytes<32> out{};
  out[0] = static_cast<uint8_t>(n);
  out[1] = static_cast<uint8_t>(n >> 8);
  out[31] = kind;
  return out;
}

LinkDescription description(size_t n, size_t candidates = 1) {
  LinkDescription d;
  EXPECT_TRUE(d.ufrag.set("ufrag" + std::to_string(1'000 + n)));
  EXPECT_TRUE(d.password.set("0123456789abcdefghijkl" + std::to_string(n)));
  d.fingerprint = seed_of(n, 9);
  d.native = true;
  for (size_t i = 0; i < candidates; ++i)
    d.add({.endpoint = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, uint8_t(n), 77},
                        static_cast<uint16_t>(5'000 + i)}});
  return d;
}

class Net {
 public:
  struct Peer {
    Peer(const CryptoProvider& crypto, size_t i, const SwarmSecret& secret)
        : options{.secret = secret, .listening = false},
          keys(crypto, seed_of(i, 1)),
          identity(crypto.signing_key_from_seed(seed_of(i, 2))),
          id(crypto::peer_id(crypto, identity.public_key())) {}
    EngineOptions options;
    crypto::KeySource keys;
    SigningKey identity;
    PeerId id;
    SignalCounts counts;
    std::unique_ptr<Signalling> signalling;
    std::map<uint32_t, std::pair<size_t, uint32_t>> steps;  // key: link, or path with bit 30
    std::map<LinkId, action::Prepare> prepared;
    std::map<LinkId, LinkDescription> described;
    std::vector<LinkId> given_up;
    std::optional<PeerRecord> entry;
    bool room = true;
    std::optional<Duration> clock = Duration();  // error of its stream time; none: not known
  };

  size_t add(const SwarmSecret& secret = {7}) {
    const size_t i = peers_.size();
    peers_.push_back(std::make_unique<Peer>(crypto_, i, secret));
    Peer& p = *peers_.back();
    p.signalling =
        std::make_unique<Signalling>(crypto_, p.options, p.identity, p.id, p.keys, p.counts);
    return i;
  }
  Peer& peer(size_t i) { return *peers_[i]; }

  void connect(size_t a, size_t b) {
    const uint32_t la = ++links_, lb = ++links_;
    peer(a).steps[la] = {b, lb};
    peer(b).steps[lb] = {a, la};
    peer(a).signalling->on_neighbour(peer(b).id, LinkId(la));
    peer(b).signalling->on_neighbour(peer(a).id, LinkId(lb));
  }
  LinkId link(size_t a, size_t b) {
    for (const auto& [id, end] : peer(a).steps)
      if (end.first == b) return LinkId(id);
    return {};
  }
  // A path between a joiner and the gateway of its entry.
  void open_path(size_t joiner, size_t entry) {
    const uint32_t a = kPathBit | ++links_, b = kPathBit | ++links_;
    peer(joiner).steps[a] = {entry, b};
    peer(entry).steps[b] = {joiner, a};
    peer(entry).signalling->on_path_up(now_, SignalPathId(b), false);
    peer(joiner).signalling->on_path_up(now_, SignalPathId(a), true);
    drain(joiner);
  }
  Contact contact(size_t i) { return {.peer = peer(i).id, .record = peer(i).signalling->record()}; }
  // A chain of neighbours, each told by the one before of the last.
  std::vector<size_t> chain(size_t hops) {
    std::vector<size_t> out{add()};
    for (size_t i = 0; i < hops; ++i) {
      out.push_back(add());
      connect(out[i], out[i + 1]);
    }
    for (size_t i = 0; i + 2 < out.size(); ++i) name(out[i + 1], out[i], out.back());
    return out;
  }
  // `from` tells `to` of `whom`.
  void name(size_t from, size_t to, size_t whom) {
    wire::body::Contacts contacts;
    contacts.contacts.add(contact(whom));
    peer(to).signalling->on_body(now_, link(to, from), contacts);
  }

  Signalling::Moment moment(size_t i) {
    Signalling::Moment at{.now = now_, .room_for_link = peer(i).room};
    if (peer(i).clock) at.stream = StreamTime::from_us(now_.us()) + *peer(i).clock;
    return at;
  }
  LinkId knock(size_t from, const Contact& to) {
    const LinkId link(kOwn | ++links_);
    peer(from).signalling->knock(moment(from), link, to);
    drain(from);
    return link;
  }
  // Hands `bytes` to `to` as if its neighbour `from` had sent them.
  void inject(size_t from, size_t to, const std::vector<uint8_t>& bytes) {
    peer(to).signalling->on_signal(moment(to), link(to, from), bytes);
    drain(to);
  }

  // False: lost.
  std::function<bool(size_t from, size_t to, std::vector<uint8_t>& bytes)> tap;

  void run_for(Duration span) {
    const Instant end = now_ + span;
    for (;;) {
      Instant next = events_.empty() ? Instant::never() : events_.top().at;
      size_t timer = peers_.size();
      for (size_t i = 0; i < peers_.size(); ++i) {
        if (peer(i).signalling->next_timeout() >= next) continue;
        next = peer(i).signalling->next_timeout();
        timer = i;
      }
      if (next > end) break;
      now_ = std::max(now_, next);
      if (timer < peers_.size()) {
        peer(timer).signalling->on_timeout(moment(timer));
        drain(timer);
      } else {
        const auto run = events_.top().run;
        events_.pop();
        run();
      }
    }
    now_ = end;
  }

  // Both ends know each other's description: ICE has what it needs.
  bool met(size_t caller, LinkId link, size_t callee) {
    const auto& there = peer(callee);
    if (!peer(caller).described.contains(link)) return false;
    for (const auto& [l, prepare] : there.prepared)
      if (prepare.peer == peer(caller).id && there.described.contains(l)) return true;
    return false;
  }
  Instant now() const { return now_; }
  size_t candidates_each = 1;

 private:
  static constexpr uint32_t kPathBit = 0x4000'0000;
  struct Event {
    Instant at;
    uint64_t order;
    std::function<void()> run;
    bool operator<(const Event& o) const { return std::tie(at, order) > std::tie(o.at, o.order); }
  };

  void drain(size_t i) {
    while (const auto a = peer(i).signalling->poll())
      std::visit([&](const auto& x) { act(i, x); }, *a);
  }
  void act(size_t i, const action::Send& send) {
    const auto [to, step] = peer(i).steps.at(send.to.id);
    std::vector<uint8_t> bytes = send.bytes;
    if (tap && !tap(i, to, bytes)) return;
    events_.push({now_ + kHop, ++order_, [this, to = to, step = step, bytes] {
                    if (step & kPathBit)
                      peer(to).signalling->on_path_message(moment(to), SignalPathId(step), bytes);
                    else
                      peer(to).signalling->on_signal(moment(to), LinkId(step), bytes);
                    drain(to);
                  }});
  }
  void act(size_t i, const action::Prepare& prepare) {
    peer(i).prepared[prepare.link] = prepare;
    LinkDescription d = description(i, candidates_each);
    if (prepare.listener_certificate) d.fingerprint = peer(i).options.listen_fingerprint;
    peer(i).signalling->on_local_description(moment(i), prepare.link, d);
  }
  void act(size_t i, const action::Describe& d) { peer(i).described[d.link] = d.description; }
  void act(size_t i, const action::GiveUp& g) { peer(i).given_up.push_back(g.link); }
  void act(size_t i, const action::EntryKnown& e) { peer(i).entry = e.record; }

  const CryptoProvider& crypto_ = platform::sodium_crypto();
  std::vector<std::unique_ptr<Peer>> peers_;
  std::priority_queue<Event> events_;
  Instant now_ = Instant::from_ms(60'000);
  uint64_t order_ = 0;
  uint32_t links_ = 0;
};

class Hops : public ::testing::TestWithParam<size_t> {};

TEST_P(Hops, AKnockArrivesAndItsAnswerFindsBack) {
  Net net;
  const auto peers = net.chain(GetParam());
  const LinkId link = net.knock(peers.front(), net.contact(peers.back()));
  net.run_for(kHop * int64_t(3 * GetParam()));
  EXPECT_TRUE(net.met(peers.front(), link, peers.back()));
  for (size_t i = 1; i + 1 < peers.size(); ++i)
    EXPECT_EQ(net.peer(peers[i]).counts.forwarded, 3u) << "knock, answer, description";
}
INSTANTIATE_TEST_SUITE_P(Chains, Hops, ::testing::Values(1, 2, 3, 6, 8));

TEST(SignallingTest, BeyondTheLimitOfHopsNothingArrives) {
  Net net;
  const auto peers = net.chain(9);
  net.knock(peers.front(), net.contact(peers.back()));
  net.run_for(overlay::kKnockTimeout + Duration::seconds(1));
  EXPECT_EQ(net.peer(peers.back()).counts.accepted, 0u);
  EXPECT_EQ(net.peer(peers[8]).counts.no_way, 3u);
  EXPECT_EQ(net.peer(peers.front()).given_up.size(), 1u);
}

TEST(SignallingTest, ACallerThatKnowsNoWayGivesUpAtOnce) {
  Net net;
  const size_t a = net.add(), b = net.add();
  const LinkId link = net.knock(a, net.contact(b));
  EXPECT_EQ(net.peer(a).given_up, std::vector{link});
}

TEST(SignallingTest, ARecordUnderAnotherIdIsNotKnocked) {
  Net net;
  const auto peers = net.chain(2);
  Contact mixed = net.contact(peers[2]);
  mixed.record = net.peer(peers[1]).signalling->record();
  net.knock(peers[0], mixed);
  EXPECT_EQ(net.peer(peers[0]).counts.sent, 0u);
  EXPECT_EQ(net.peer(peers[0]).given_up.size(), 1u);
}

TEST(SignallingTest, AnyOneSignalMayBeLost) {
  for (int lost = 0; lost < 3; ++lost) {
    Net net;
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
  Net net;
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
  Net net;
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
  Net net;
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

TEST(SignallingTest, AForwarderThatRepeatsGainsNothing) {
  Net net;
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

TEST(SignallingTest, WhatIsTooOldIsRefusedEvenIfItWasNeverSeen) {
  Net net;
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

TEST(SignallingTest, AForwarderThatAltersIsNotBelievedNorAnswered) {
  Prng random(5);
  for (int round = 0; round < 50; ++round) {
    Net net;
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

TEST(SignallingTest, AFloodFromANeighbourIsCutToItsRate) {
  Net net;
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

TEST(SignallingTest, AFloodOfGarbageIsCountedAndNeverAnswered) {
  Net net;
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
TEST(SignallingTest, ManyCallersThroughOneInviterGetFewPlaces) {
  Net net;
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

TEST(SignallingTest, FewCallersOfOneNetworkHoldALink) {
  Net net;
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

TEST(SignallingTest, ALinkWithAnotherCertificateIsRefused) {
  Net net;
  const auto peers = net.chain(2);
  const LinkId link = net.knock(peers[0], net.contact(peers[2]));
  net.run_for(kHop * 6);
  auto& caller = net.peer(peers[0]);
  EXPECT_FALSE(caller.signalling->on_link_up(link, {}, seed_of(99, 9)));
  EXPECT_EQ(caller.counts.forged, 1u);
  EXPECT_TRUE(caller.signalling->on_link_up(link, {}, caller.described.at(link).fingerprint));
}

// --- external paths

struct Joining {
  explicit Joining(const SwarmSecret& joiners_secret = {7}) {
    entry = net.add();
    joiner = net.add(joiners_secret);
    net.peer(entry).options.listen_fingerprint = seed_of(entry, 8);
    net.open_path(joiner, entry);
    net.run_for(kHop * 3);
  }
  Contact invited() {
    return {.endpoint = {.port = 1},
            .fingerprint = seed_of(entry, 8),
            .record = net.peer(joiner).entry};
  }
  Net net;
  size_t entry = 0, joiner = 0;
};

TEST(SignallingPath, AJoinerMeetsItsEntryOverAPath) {
  Joining j;
  ASSERT_TRUE(j.net.peer(j.joiner).entry);
  j.net.peer(j.joiner).clock.reset();  // it has heard of no clock yet
  const LinkId link = j.net.knock(j.joiner, j.invited());
  j.net.run_for(kHop * 4);
  EXPECT_TRUE(j.net.met(j.joiner, link, j.entry));
  EXPECT_EQ(j.net.peer(j.joiner).described.at(link).fingerprint, seed_of(j.entry, 8));
}

TEST(SignallingPath, AStrangerGetsNoAnswer) {
  Joining j({8});
  EXPECT_FALSE(j.net.peer(j.joiner).entry);
  j.net.run_for(overlay::kKnockTimeout + Duration::seconds(1));
  EXPECT_EQ(j.net.peer(j.entry).counts.malformed, uint64_t{overlay::kSignalTries});
  EXPECT_EQ(j.net.peer(j.entry).counts.sent, 0u);
}

TEST(SignallingPath, NothingIsPassedOnForAStrangerOrInAnothersName) {
  Joining j;
  const size_t other = j.net.add();
  j.net.connect(j.entry, other);
  std::vector<uint8_t> knock;
  j.net.tap = [&](size_t from, size_t, std::vector<uint8_t>& bytes) {
    if (from == j.joiner && bytes[0] == wire::kSignalType) knock = bytes;
    return true;
  };
  j.net.knock(j.joiner, j.invited());
  auto& entry = j.net.peer(j.entry);
  entry.signalling->on_path_up(j.net.now(), SignalPathId(77), false);
  const auto malformed = entry.counts.malformed;
  entry.signalling->on_path_message(j.net.moment(j.entry), SignalPathId(77), knock);
  knock[20] ^= 1;  // another sender
  const SignalPathId path(j.net.peer(j.joiner).steps.begin()->second.second);
  entry.signalling->on_path_message(j.net.moment(j.entry), path, knock);
  EXPECT_EQ(entry.counts.malformed, malformed + 2);
}

// Somebody who has the invite sits at the gateway and answers in the entry's place.
TEST(SignallingPath, WhoStandsInForTheEntryGainsNothing) {
  Joining j;
  auto& impostor = j.net.peer(j.entry);
  impostor.options.listen_fingerprint = seed_of(1, 66);  // it cannot have the entry's
  const LinkId link = j.net.knock(j.joiner, j.invited());
  j.net.run_for(overlay::kKnockTimeout + Duration::seconds(1));
  EXPECT_FALSE(j.net.peer(j.joiner).described.contains(link));
  EXPECT_TRUE(j.net.peer(j.joiner).prepared.empty()) << "so it has told no candidate either";
  EXPECT_GE(j.net.peer(j.joiner).counts.forged, 1u);
}

TEST(SignallingPath, AJoinerReachesOthersThroughItsEntry) {
  Joining j;
  const size_t other = j.net.add();
  j.net.connect(j.entry, other);
  // Its entry may tell it of others over a link of its own; the way there may still be the path.
  j.net.connect(j.joiner, j.entry);
  j.net.name(j.entry, j.joiner, other);
  const LinkId link = j.net.knock(j.joiner, j.net.contact(other));
  j.net.run_for(kHop * 6);
  EXPECT_TRUE(j.net.met(j.joiner, link, other));
}

TEST(SignallingPath, PathsAreBounded) {
  Net net;
  const size_t entry = net.add();
  for (uint32_t i = 1; i <= 2 * overlay::kMaxSignalPaths; ++i)
    net.peer(entry).signalling->on_path_up(net.now(), SignalPathId(i), false);
  EXPECT_EQ(net.peer(entry).counts.over_limit, overlay::kMaxSignalPaths);
}

}  // namespace
}  // namespace swarmcast::node
