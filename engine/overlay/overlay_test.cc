// One overlay, its neighbours played by hand: single rules, and peers that keep none.
#include "engine/overlay/overlay.h"

#include <gtest/gtest.h>

#include <vector>

#include "engine/base/random.h"

namespace swarmcast::overlay {
namespace {

namespace body = wire::body;
using body::Purpose;
using body::ReferReason;

PeerId peer(uint8_t n) {
  PeerId id;
  id.bytes[0] = n;
  return id;
}
Endpoint address(uint8_t n) {
  Endpoint e;
  e.ip[15] = n;
  e.port = 4000;
  return e;
}
Contact contact(uint8_t n) { return {peer(n), address(n), {}}; }

body::State state_below(std::initializer_list<uint8_t> path, bool attached = true) {
  body::State s{.attached = attached, .depth = static_cast<uint8_t>(path.size())};
  std::ranges::transform(path, s.path.begin(), peer);
  return s;
}

// Peer 100, by hand.
class OverlayTest : public testing::Test {
 protected:
  static constexpr uint8_t kEntry = 1;

  explicit OverlayTest(OverlayOptions options = {.max_children = 2})
      : overlay_([&] {
          options.self = peer(100);
          options.entry = contact(kEntry);
          return options;
        }()) {
    overlay_.start(now_);
    overlay_.set_own_endpoint(address(100));
    take();
  }

  // What it wants since the last call.
  std::vector<Action> take() {
    std::vector<Action> out;
    while (auto action = overlay_.poll()) out.push_back(std::move(*action));
    return out;
  }
  template <typename A>
  std::vector<A> taken() {
    std::vector<A> out;
    for (const Action& a : take())
      if (const auto* wanted = std::get_if<A>(&a)) out.push_back(*wanted);
    return out;
  }
  // The bodies of one type it says on `link`.
  template <typename B>
  std::vector<B> said(LinkId link) {
    std::vector<B> out;
    for (const Say& say : taken<Say>())
      if (say.link == link && std::holds_alternative<B>(say.body))
        out.push_back(std::get<B>(say.body));
    return out;
  }
  // Peer `n` has dialled us.
  LinkId inbound(uint8_t n) {
    const LinkId link(n);
    EXPECT_TRUE(overlay_.on_link_ready(now_, link, peer(n), address(n), false, {}));
    take();
    return link;
  }
  void hear(LinkId link, const wire::Body& message) { overlay_.on_body(now_, link, message); }
  void subscribe(LinkId link, Purpose purpose, bool helps = true) {
    hear(link, body::Subscribe{.purpose = purpose, .dialable = helps, .takes_children = helps});
  }
  // Makes `n`, which dialled us, our parent: we ask it because it is referred to.
  LinkId attach_to(uint8_t n, const body::State& state) {
    const LinkId link = inbound(n);
    const LinkId entry(0x8000'0001);
    overlay_.on_link_ready(now_, entry, peer(kEntry), address(kEntry), true, Fingerprint{});
    body::Refer refer{ReferReason::kFull, {}};
    refer.contacts.add(contact(n));
    hear(entry, refer);
    EXPECT_EQ(said<body::Subscribe>(link).size(), 1u);
    hear(link, body::Accept{StripeId(0), Purpose::kJoin, false});
    hear(link, state);
    EXPECT_EQ(overlay_.parent(), link);
    take();
    return link;
  }
  void wait(Duration span) {
    const Instant end = now_ + span;
    while (overlay_.next_timeout() <= end) {
      now_ = std::max(now_, overlay_.next_timeout());
      overlay_.on_timeout(now_);
    }
    now_ = end;
  }

  Instant now_ = Instant::from_ms(5'000);
  Overlay overlay_;
};

TEST_F(OverlayTest, AnOrphanTakesNobody) {
  const LinkId link = inbound(9);
  subscribe(link, Purpose::kJoin);
  const auto refers = said<body::Refer>(link);
  ASSERT_EQ(refers.size(), 1u);
  EXPECT_EQ(refers[0].reason, ReferReason::kOrphan);
}

TEST_F(OverlayTest, WhoIsAboveUsIsRefused) {
  attach_to(2, state_below({1, 7}));
  for (Purpose purpose : {Purpose::kJoin, Purpose::kFailover, Purpose::kStandby}) {
    for (uint8_t above : {1, 7, 2}) {
      const LinkId link(static_cast<uint32_t>(above + 50));
      overlay_.on_link_ready(now_, link, peer(above), address(above), false, {});
      subscribe(link, purpose);
      const auto refers = said<body::Refer>(link);
      ASSERT_EQ(refers.size(), 1u) << int{above};
      EXPECT_EQ(refers[0].reason, ReferReason::kLoop);
      overlay_.on_link_down(now_, link);
    }
  }
}

TEST_F(OverlayTest, AParentThatHangsBelowUsIsLeft) {
  const LinkId link = attach_to(2, state_below({1}));
  hear(link, state_below({1, 100, 3}));
  EXPECT_EQ(said<body::Unsubscribe>(link).size(), 1u);
  EXPECT_FALSE(overlay_.parent());
  EXPECT_FALSE(overlay_.position().attached);
}

TEST_F(OverlayTest, AParentAtTheDepthLimitIsLeft) {
  const LinkId link = attach_to(2, state_below({1, 3, 4, 5, 6, 7}));
  EXPECT_EQ(overlay_.position().depth, kMaxDepth);
  hear(link, state_below({1, 3, 4, 5, 6, 7, 8}));
  EXPECT_FALSE(overlay_.parent());
}

TEST_F(OverlayTest, AParentThatRefersUsAwayIsNoParentAnyMore) {
  const LinkId link = attach_to(2, state_below({1}));
  hear(link, body::Refer{});
  EXPECT_FALSE(overlay_.parent());
}

TEST_F(OverlayTest, ANewParentIsToldOfOurSubtreeAtOnce) {
  const LinkId backup = inbound(3);
  const LinkId link = attach_to(2, state_below({1}));
  body::Contacts told;
  told.contacts.add(contact(3));
  hear(link, told);
  wait(Duration::seconds(2));
  hear(backup, body::Accept{StripeId(0), Purpose::kStandby, false});
  hear(backup, state_below({1}));
  EXPECT_TRUE(overlay_.has_backup());
  take();
  overlay_.on_link_down(now_, link);
  hear(backup, body::Accept{StripeId(0), Purpose::kFailover, false});
  EXPECT_EQ(overlay_.parent(), backup);
  wait(kReportMinGap);
  EXPECT_EQ(said<body::Report>(backup).size(), 1u);
}

TEST_F(OverlayTest, NewsOfWitnessesAloneIsRateLimited) {
  const LinkId parent = attach_to(2, state_below({1}));
  const LinkId child = inbound(11);
  subscribe(child, Purpose::kJoin);
  take();
  for (uint32_t i = 0; i < 100; ++i) {
    body::State state = state_below({1});
    state.witnesses = i;
    hear(parent, state);
    wait(Duration::millis(10));
  }
  const size_t told = said<body::State>(child).size();
  EXPECT_GE(told, 3u);
  EXPECT_LE(told, 5u);
}

TEST_F(OverlayTest, AYesThatComesTooLateIsDeclined) {
  const LinkId link = inbound(9);
  hear(link, body::Accept{});
  EXPECT_EQ(said<body::Unsubscribe>(link).size(), 1u);
  EXPECT_FALSE(overlay_.parent());
}

TEST_F(OverlayTest, AGuestGetsThePlaceThatComesFree) {
  attach_to(2, state_below({1}));
  const LinkId first = inbound(11), second = inbound(12), guest = inbound(13);
  subscribe(first, Purpose::kJoin);
  subscribe(second, Purpose::kJoin);
  subscribe(guest, Purpose::kStandby);
  take();
  subscribe(guest, Purpose::kFailover);
  auto yes = said<body::Accept>(guest);
  ASSERT_EQ(yes.size(), 1u);
  EXPECT_TRUE(yes[0].guest);
  hear(first, body::Unsubscribe{});
  yes = said<body::Accept>(guest);
  ASSERT_EQ(yes.size(), 1u);
  EXPECT_FALSE(yes[0].guest);
}

TEST_F(OverlayTest, OnlyAStandbyBecomesAGuest) {
  attach_to(2, state_below({1}));
  for (uint8_t n : {11, 12}) subscribe(inbound(n), Purpose::kJoin);
  const LinkId stranger = inbound(13);
  subscribe(stranger, Purpose::kFailover);
  EXPECT_EQ(said<body::Refer>(stranger).size(), 1u);
}

TEST_F(OverlayTest, AChildThatBecomesAStandbyIsFedNoLonger) {
  attach_to(2, state_below({1}));
  const LinkId child = inbound(11);
  subscribe(child, Purpose::kJoin);
  EXPECT_EQ(taken<Feed>().size(), 1u);
  subscribe(child, Purpose::kStandby);
  const auto stops = taken<StopFeed>();
  ASSERT_EQ(stops.size(), 1u);
  EXPECT_EQ(stops[0].child, child);
}

TEST_F(OverlayTest, ASecondLinkOfAChildReplacesTheFirst) {
  attach_to(2, state_below({1}));
  const LinkId first = inbound(11);
  subscribe(first, Purpose::kJoin);
  const LinkId second(77);
  overlay_.on_link_ready(now_, second, peer(11), address(11), false, {});
  subscribe(second, Purpose::kJoin);
  EXPECT_EQ(said<body::Refer>(first).size(), 1u);
  EXPECT_EQ(overlay_.neighbours().count(Neighbour::Down::kChild), 1u);
}

TEST_F(OverlayTest, ALinkToOurselvesIsNotKept) {
  EXPECT_FALSE(overlay_.on_link_ready(now_, LinkId(5), peer(100), address(100), false, {}));
}

TEST_F(OverlayTest, TheTableOfNeighboursIsBounded) {
  for (uint32_t i = 0; i < kMaxLinks; ++i)
    EXPECT_TRUE(
        overlay_.on_link_ready(now_, LinkId(i + 1), peer(101 + i % 100), address(1), false, {}));
  EXPECT_FALSE(overlay_.on_link_ready(now_, LinkId(999), peer(3), address(3), false, {}));
}

TEST_F(OverlayTest, WhoWantsNothingIsDroppedInTime) {
  attach_to(2, state_below({1}));
  const LinkId idle = inbound(30);
  wait(kInboundIdleTime - Duration::millis(100));
  for (const Drop& drop : taken<Drop>()) EXPECT_NE(drop.link, idle);
  wait(kReportInterval * 2);
  const auto drops = taken<Drop>();
  EXPECT_TRUE(std::ranges::any_of(drops, [&](const Drop& d) { return d.link == idle; }));
}

TEST_F(OverlayTest, PeersThatReferToEachOtherKeepNobodyBusy) {
  const LinkId entry(0x8000'0001);
  overlay_.on_link_ready(now_, entry, peer(kEntry), address(kEntry), true, Fingerprint{});
  uint8_t fresh = 10;
  const auto crowd = [&] {  // ever new names
    body::Refer refer{ReferReason::kFull, {}};
    while (!refer.contacts.full() && fresh < 250) refer.contacts.add(contact(fresh++));
    return refer;
  };
  hear(entry, crowd());
  size_t dials = 0;
  for (int i = 0; i < 300; ++i) {
    for (const Dial& dial : taken<Dial>()) {
      ++dials;
      overlay_.on_link_ready(now_, dial.link, dial.contact.peer, dial.contact.endpoint, true,
                             Fingerprint{});
      hear(dial.link, crowd());
    }
  }
  EXPECT_LE(dials, kMaxTakenInRound);
  EXPECT_GE(dials, kMaxTakenInRound / 2);
}

// Neighbours that say anything at any time.
class HostileNeighbours : public OverlayTest, public testing::WithParamInterface<uint64_t> {
 protected:
  uint8_t some_peer() { return static_cast<uint8_t>(1 + random_.below(20)); }
  uint32_t number() { return static_cast<uint32_t>(random_.next()); }
  uint8_t below(uint64_t n) { return static_cast<uint8_t>(random_.below(n)); }

  body::State some_state() {
    body::State s{
        .attached = random_.chance(0.8), .witnesses = number(), .depth = below(kMaxDepth + 1)};
    for (PeerId& id : s.path) id = peer(random_.chance(0.05) ? 100 : some_peer());
    return s;
  }
  body::ContactList some_contacts() {
    body::ContactList list;
    for (uint64_t n = random_.below(7); n > 0; --n) list.add(contact(some_peer()));
    return list;
  }
  body::Report some_report() {
    body::Report r{.witnesses = number(), .peers = number(), .height = below(8), .count = 1};
    r.openings[0] = {below(7), contact(some_peer())};
    return r;
  }
  wire::Body some_body() {
    const auto purpose = static_cast<Purpose>(random_.below(3));
    switch (random_.below(8)) {
      case 0:
        return body::Subscribe{.purpose = purpose,
                               .dialable = random_.chance(0.5),
                               .takes_children = random_.chance(0.5),
                               .height = below(3)};
      case 1:
        return body::Accept{StripeId(0), purpose, random_.chance(0.3)};
      case 2:
        return body::Refer{static_cast<ReferReason>(random_.below(4)), some_contacts()};
      case 3:
        return body::Unsubscribe{};
      case 4:
        return body::Contacts{some_contacts()};
      case 5:
        return some_report();
      case 6:
        return random_.chance(0.1) ? wire::Body(body::Leave{}) : wire::Body(some_state());
      default:
        return some_state();
    }
  }
  void something_happens() {
    const double dice = random_.uniform();
    if (dice < 0.02) {
      up(LinkId(++inbound_), contact(some_peer()), false);
    } else if (dice < 0.04 && !links_.empty()) {
      overlay_.on_link_down(now_, links_.front());
      links_.erase(links_.begin());
    } else if (dice < 0.05 && overlay_.parent()) {
      overlay_.on_parent_silent(now_, *overlay_.parent());
    } else if (dice < 0.06 && overlay_.parent()) {
      overlay_.on_parent_speaks(*overlay_.parent());
    } else if (!links_.empty()) {
      hear(links_[random_.below(links_.size())], some_body());
    }
    if (random_.chance(0.3)) wait(Duration::millis(static_cast<int64_t>(random_.below(300))));
  }
  void up(LinkId link, const Contact& who, bool ours) {
    if (overlay_.on_link_ready(now_, link, who.peer, who.endpoint, ours, {}))
      links_.push_back(link);
  }
  void carry_out() {
    const auto actions = take();
    ASSERT_LE(actions.size(), 4 * kMaxLinks);
    for (const Action& a : actions) {
      if (const auto* drop = std::get_if<Drop>(&a)) std::erase(links_, drop->link);
      if (std::holds_alternative<Failed>(a)) gave_up_ = true;  // long enough without a way
      const auto* dial = std::get_if<Dial>(&a);
      if (!dial) continue;
      if (random_.chance(0.7))
        up(dial->link, dial->contact, true);
      else if (random_.chance(0.5))
        overlay_.on_link_down(now_, dial->link);
    }
  }
  void check_limits() {
    const Neighbours& table = overlay_.neighbours();
    ASSERT_LE(table.size(), kMaxLinks);
    ASSERT_LE(table.count(Neighbour::Down::kChild), 2 + kGuestPlaces);
    ASSERT_LE(table.count(Neighbour::Down::kStandby), kMaxStandbys);
    ASSERT_LE(overlay_.position().depth, kMaxDepth);
    for (const Neighbour& n : table)
      ASSERT_EQ(n.up == Neighbour::Up::kParent, overlay_.parent() == n.link);
  }

  Prng random_{GetParam()};
  std::vector<LinkId> links_;
  uint32_t inbound_ = 0;
  bool gave_up_ = false;
};

TEST_P(HostileNeighbours, BreakNoLimitAndStopNoSearch) {
  for (int round = 0; round < 20'000 && !gave_up_; ++round) {
    SCOPED_TRACE("seed " + std::to_string(GetParam()) + ", round " + std::to_string(round));
    something_happens();
    carry_out();
    check_limits();
    ASSERT_FALSE(HasFatalFailure());
  }
  if (gave_up_) return;
  take();
  for (LinkId link : links_) overlay_.on_link_down(now_, link);
  wait(kMaxRetryDelay + kAttemptTimeout * 2);
  const auto dials = taken<Dial>();
  EXPECT_TRUE(std::ranges::any_of(
      dials, [](const Dial& d) { return d.contact.endpoint == address(kEntry); }))
      << "alone again, it looks for its entry, seed " << GetParam();
}
INSTANTIATE_TEST_SUITE_P(Seeds, HostileNeighbours, testing::Range(uint64_t{1}, uint64_t{21}));

}  // namespace
}  // namespace swarmcast::overlay
