// One overlay, and neighbours that keep no rule.
#include "engine/base/random.h"
#include "engine/overlay/by_hand_for_test.h"

namespace swarmcast::overlay {
namespace {

// Neighbours that say anything at any time.
class HostileNeighbours : public OverlayByHand, public testing::WithParamInterface<uint64_t> {
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
        return body::Subscribe{
            .purpose = purpose, .dialable = random_.chance(0.5), .height = below(3)};
      case 1:
        return body::Accept{StripeId(0), purpose, random_.chance(0.3)};
      case 2:
        return body::Refer{StripeId(0), static_cast<ReferReason>(random_.below(4)),
                           some_contacts()};
      case 3:
        return body::Unsubscribe{};
      case 4:
        return body::Contacts{StripeId(0), some_contacts()};
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
    } else if (dice < 0.05 && overlay_.tree().parent()) {
      overlay_.on_parent_silent(now_, *overlay_.tree().parent());
    } else if (dice < 0.06 && overlay_.tree().parent()) {
      overlay_.on_parent_speaks(*overlay_.tree().parent());
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
    const Neighbours& table = overlay_.tree().neighbours();
    ASSERT_LE(table.size(), kMaxLinks);
    ASSERT_LE(table.count(Neighbour::Down::kChild), 2 + kGuestPlaces);
    ASSERT_LE(table.count(Neighbour::Down::kStandby), kMaxStandbys);
    ASSERT_LE(overlay_.tree().position().depth, kMaxDepth);
    for (const Neighbour& n : table)
      ASSERT_EQ(n.up == Neighbour::Up::kParent, overlay_.tree().parent() == n.link);
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
