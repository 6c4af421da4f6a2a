// One overlay: single rules.
#include "engine/overlay/by_hand_for_test.h"

namespace swarmcast::overlay {
namespace {

class OverlayTest : public OverlayByHand {};

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
  EXPECT_FALSE(overlay_.tree().parent());
  EXPECT_FALSE(overlay_.tree().position().attached);
}

TEST_F(OverlayTest, AParentAtTheDepthLimitIsLeft) {
  const LinkId link = attach_to(2, state_below({1, 3, 4, 5, 6, 7}));
  EXPECT_EQ(overlay_.tree().position().depth, kMaxDepth);
  hear(link, state_below({1, 3, 4, 5, 6, 7, 8}));
  EXPECT_FALSE(overlay_.tree().parent());
}

TEST_F(OverlayTest, AParentThatRefersUsAwayIsNoParentAnyMore) {
  const LinkId link = attach_to(2, state_below({1}));
  hear(link, body::Refer{});
  EXPECT_FALSE(overlay_.tree().parent());
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
  EXPECT_TRUE(overlay_.tree().has_backup());
  take();
  overlay_.on_link_down(now_, link);
  hear(backup, body::Accept{StripeId(0), Purpose::kFailover, false});
  EXPECT_EQ(overlay_.tree().parent(), backup);
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
  EXPECT_FALSE(overlay_.tree().parent());
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
  EXPECT_EQ(overlay_.tree().neighbours().count(Neighbour::Down::kChild), 1u);
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
    body::Refer refer{StripeId(0), ReferReason::kFull, {}};
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

}  // namespace
}  // namespace swarmcast::overlay
