// One overlay whose neighbours a test plays by hand.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "engine/overlay/overlay.h"

namespace swarmcast::overlay {

namespace body = wire::body;
using body::Purpose;
using body::ReferReason;

inline PeerId peer(uint8_t n) {
  PeerId id;
  id.bytes[0] = n;
  return id;
}
inline Endpoint address(uint8_t n) {
  Endpoint e;
  e.ip[15] = n;
  e.port = 4000;
  return e;
}
inline Contact contact(uint8_t n) { return {peer(n), address(n), {}}; }

inline body::State state_below(std::initializer_list<uint8_t> path, bool attached = true) {
  body::State s{.attached = attached, .depth = static_cast<uint8_t>(path.size())};
  std::ranges::transform(path, s.path.begin(), peer);
  return s;
}

// Peer 100, by hand.
class OverlayByHand : public testing::Test {
 protected:
  static constexpr uint8_t kEntry = 1;

  explicit OverlayByHand(OverlayOptions options = {.max_places = 2})
      : overlay_([&] {
          options.self = peer(100);
          options.entry = contact(kEntry);
          options.stripes = 1;
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
    hear(link,
         body::Subscribe{
             .purpose = purpose, .dialable = helps, .places = static_cast<uint8_t>(helps ? 1 : 0)});
  }
  // Makes `n`, which dialled us, our parent: we ask it because it is referred to.
  LinkId attach_to(uint8_t n, const body::State& state) {
    const LinkId link = inbound(n);
    const LinkId entry(0x8000'0001);
    overlay_.on_link_ready(now_, entry, peer(kEntry), address(kEntry), true, Fingerprint{});
    body::Refer refer{StripeId(0), ReferReason::kFull, {}};
    refer.contacts.add(contact(n));
    hear(entry, refer);
    EXPECT_EQ(said<body::Subscribe>(link).size(), 1u);
    hear(link, body::Accept{StripeId(0), Purpose::kJoin, false});
    hear(link, state);
    EXPECT_EQ(overlay_.tree().parent(), link);
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

}  // namespace swarmcast::overlay
