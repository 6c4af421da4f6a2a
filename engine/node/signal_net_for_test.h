// Peers that know how to pass a signal on, and nothing else. Virtual time.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/crypto/identity.h"
#include "engine/node/signalling.h"
#include "host/platform/sodium_crypto.h"

namespace swarmcast::node {

inline constexpr Duration kHop = Duration::millis(10);
inline constexpr uint32_t kOwnLinks = 0x8000'0000;

inline Bytes<32> seed_of(size_t n, uint8_t kind) {
  Bytes<32> out{};
  out[0] = static_cast<uint8_t>(n);
  out[1] = static_cast<uint8_t>(n >> 8);
  out[31] = kind;
  return out;
}

inline LinkDescription description(size_t n, size_t candidates = 1) {
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

class SignalNet {
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
    std::map<LinkId, signalling_action::Prepare> prepared;
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
    const LinkId link(kOwnLinks | ++links_);
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
  void act(size_t i, const signalling_action::Send& send) {
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
  void act(size_t i, const signalling_action::Prepare& prepare) {
    peer(i).prepared[prepare.link] = prepare;
    LinkDescription d = description(i, candidates_each);
    if (prepare.listener_certificate) d.fingerprint = peer(i).options.listen_fingerprint;
    peer(i).signalling->on_local_description(moment(i), prepare.link, d);
  }
  void act(size_t i, const signalling_action::Describe& d) {
    peer(i).described[d.link] = d.description;
  }
  void act(size_t i, const signalling_action::GiveUp& g) { peer(i).given_up.push_back(g.link); }
  void act(size_t i, const signalling_action::EntryKnown& e) { peer(i).entry = e.record; }

  const CryptoProvider& crypto_ = platform::sodium_crypto();
  std::vector<std::unique_ptr<Peer>> peers_;
  std::priority_queue<Event> events_;
  Instant now_ = Instant::from_ms(60'000);
  uint64_t order_ = 0;
  uint32_t links_ = 0;
};

}  // namespace swarmcast::node
