// A small world for tests: many real overlays, a network of delays, virtual time, one seed.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <set>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "engine/overlay/overlay.h"

namespace swarmcast::overlay {

struct WorldOptions {
  uint64_t seed = 1;
  Duration min_delay = Duration::millis(10);  // one way, drawn once a link
  Duration max_delay = Duration::millis(40);
  Duration jitter = Duration::millis(3);            // added to every message, order is kept
  Duration silence = Duration::millis(150);         // until a child notices a silent parent
  Duration link_timeout = Duration::millis(3'000);  // until the transport gives a dead peer up
  Duration dial_timeout = Duration::millis(3'000);  // until a dial into nowhere fails
};

struct PeerOptions {
  size_t entry = 0;
  size_t max_children = 4;
  bool witness = true;
  bool dialable = true;
  bool parent_only = false;
};

enum class Death { kNoticed, kSilent };  // links close after one delay, or everything just stops

class World {
 public:
  static constexpr size_t kSource = 0;

  explicit World(WorldOptions options = {}, size_t source_children = 4)
      : options_(options), random_(options.seed) {
    add_peer({.max_children = source_children, .witness = false}, true);
  }

  size_t join(PeerOptions options = {}) { return add_peer(options, false); }
  std::vector<size_t> join_many(size_t count, PeerOptions options = {}) {
    std::vector<size_t> out;
    for (size_t i = 0; i < count; ++i) out.push_back(join(options));
    return out;
  }
  void kill(size_t victim, Death death) {
    peers_[victim].alive = false;
    for (const auto& [link, wire] : peers_[victim].links) {
      Wire& w = wires_[wire];
      const int other = w.end[0] == victim ? 1 : 0;
      if (!w.open[other]) continue;
      if (death == Death::kNoticed) {
        close_later(wire, other, w.delay);
        continue;
      }
      at(now_ + options_.silence, [this, wire, other] {
        Wire& quiet = wires_[wire];
        if (!quiet.open[other] || !peers_[quiet.end[other]].alive) return;
        peers_[quiet.end[other]].overlay->on_parent_silent(now_, quiet.link[other]);
        drain(quiet.end[other]);
      });
      close_later(wire, other, options_.link_timeout);
    }
  }
  void leave(size_t peer) {
    for (const auto& [link, wire] : peers_[peer].links) send(peer, link, wire::body::Leave{});
    peers_[peer].alive = false;
  }
  // The link between two peers breaks; both see it.
  void cut(size_t a, size_t b) {
    for (size_t i = 0; i < wires_.size(); ++i) {
      const Wire& w = wires_[i];
      if (std::minmax(w.end[0], w.end[1]) != std::minmax(a, b)) continue;
      for (int side : {0, 1}) close_later(i, side, Duration());
    }
  }
  // Whether anything a peer says gets through. A muted peer's children notice its silence.
  void mute(size_t peer, bool muted) {
    peers_[peer].muted = muted;
    for (size_t child : children(peer)) {
      const LinkId link = *overlay(child).parent();
      at(now_ + (muted ? options_.silence : Duration()), [this, child, link, muted] {
        if (muted)
          peers_[child].overlay->on_parent_silent(now_, link);
        else
          peers_[child].overlay->on_parent_speaks(link);
        drain(child);
      });
    }
  }

  void run_for(Duration span) {
    run_until([] { return false; }, span);
  }
  // True as soon as `done()`; false if that did not come within `limit`.
  bool run_until(const std::function<bool()>& done, Duration limit) {
    const Instant end = now_ + limit;
    while (!done()) {
      if (events_.empty() || events_.top().when > end) {
        now_ = end;
        return done();
      }
      Event event = events_.top();
      events_.pop();
      now_ = event.when;
      event.run();
      check_safety();
      if (testing::Test::HasFatalFailure()) return false;  // once is enough
    }
    return true;
  }
  void at(Instant when, std::function<void()> run) {
    events_.push({when, ++event_count_, std::move(run)});
  }

  Instant now() const { return now_; }
  Prng& random() { return random_; }
  size_t size() const { return peers_.size(); }
  bool alive(size_t i) const { return peers_[i].alive; }
  size_t entry(size_t i) const { return peers_[i].options.entry; }
  bool dialable(size_t i) const { return peers_[i].options.dialable; }
  Overlay& overlay(size_t i) { return *peers_[i].overlay; }
  const Overlay& overlay(size_t i) const { return *peers_[i].overlay; }
  std::optional<Failure> failure(size_t i) const { return peers_[i].failure; }
  Duration failed_after(size_t i) const { return peers_[i].failed_at - peers_[i].born; }
  uint64_t messages() const { return messages_; }
  uint64_t parent_changes(size_t i) const { return peers_[i].parent_changes; }

  std::optional<size_t> parent(size_t i) const {
    const auto link = peers_[i].overlay->parent();
    return link ? std::optional(other_end(i, *link)) : std::nullopt;
  }
  std::vector<size_t> children(size_t i) const {
    std::vector<size_t> out;
    for (const Neighbour& n : peers_[i].overlay->neighbours())
      if (n.down == Neighbour::Down::kChild) out.push_back(index_of(n.peer));
    return out;
  }
  std::vector<size_t> living() const {
    std::vector<size_t> out;
    for (size_t i = 0; i < peers_.size(); ++i)
      if (peers_[i].alive) out.push_back(i);
    return out;
  }
  size_t links() const {
    return static_cast<size_t>(std::ranges::count_if(
        wires_, [&](const Wire& w) { return w.open[0] && w.open[1] && both_alive(w); }));
  }
  // Attached, and so is everyone above it, all the way to the source.
  bool fed(size_t i) const {
    for (size_t hops = 0; hops <= kMaxDepth; ++hops) {
      if (!peers_[i].alive || !overlay(i).position().attached) return false;
      if (i == kSource) return true;
      const auto up = parent(i);
      if (!up || !feeds(*up, i)) return false;
      i = *up;
    }
    return false;
  }
  bool all_fed() const {
    return std::ranges::all_of(living(), [&](size_t i) { return fed(i); });
  }
  uint8_t deepest() const {
    uint8_t out = 0;
    for (size_t i : living()) out = std::max(out, overlay(i).position().depth);
    return out;
  }
  // Is `below` in the subtree of `above`?
  bool is_below(size_t below, size_t above) const {
    for (size_t hops = 0; hops <= peers_.size(); ++hops) {
      if (below == above) return true;
      const auto up = parent(below);
      if (!up) return false;
      below = *up;
    }
    return false;
  }
  std::optional<size_t> backup(size_t i) const {
    for (const Neighbour& n : peers_[i].overlay->neighbours())
      if (n.up == Neighbour::Up::kStandby) return index_of(n.peer);
    return std::nullopt;
  }
  // Both ends of every relation agree as soon as nothing is under way.
  void expect_agreement() {
    run_until([&] { return disagreement().empty(); }, Duration::seconds(10));
    EXPECT_EQ(disagreement(), "");
  }
  std::string disagreement() const {
    using Up = Neighbour::Up;
    using Down = Neighbour::Down;
    for (size_t i : living()) {
      for (const Neighbour& n : overlay(i).neighbours()) {
        const Neighbour* there = opposite(i, n);
        const Up up = there ? there->up : Up::kNone;
        const Down down = there ? there->down : Down::kNone;
        if ((n.up == Up::kParent) != (down == Down::kChild) ||
            (n.up == Up::kStandby) != (down == Down::kStandby) ||
            (n.down == Down::kChild) != (up == Up::kParent) ||
            (n.down == Down::kStandby) != (up == Up::kStandby))
          return where(i) + ": " + std::to_string(int(n.up)) + std::to_string(int(n.down)) +
                 " on its link " + std::to_string(n.link.value()) + ", its neighbour " +
                 std::to_string(index_of(n.peer)) + ": " + std::to_string(int(up)) +
                 std::to_string(int(down));
      }
    }
    return {};
  }
  std::string where(size_t i) const {
    return "peer " + std::to_string(i) + " at " + std::to_string(now_.us() / 1'000) + " ms, seed " +
           std::to_string(options_.seed);
  }
  // Every living peer <- its parent, its depth, its children and places.
  std::string tree() const {
    std::string out;
    for (size_t i : living()) {
      const auto up = parent(i);
      out += std::to_string(i) + (up ? " <- " + std::to_string(*up) : "") + " @" +
             std::to_string(overlay(i).position().depth) + " " +
             std::to_string(children(i).size()) + "/" +
             std::to_string(peers_[i].options.max_children) +
             (overlay(i).position().attached ? "" : " (orphan)") + "; ";
    }
    return out;
  }

 private:
  struct Peer {
    std::unique_ptr<Overlay> overlay;
    PeerOptions options;
    bool alive = true;
    bool muted = false;
    Instant born;
    Instant wake = Instant::never();
    std::map<LinkId, size_t> links;  // to the wire
    std::set<LinkId> fed;            // whom it pushes the stream to
    std::optional<Failure> failure;
    Instant failed_at;
    uint64_t parent_changes = 0;
    uint32_t inbound = 0;
  };
  struct Wire {
    size_t end[2];
    LinkId link[2];
    Duration delay;
    bool open[2] = {false, false};
    Instant last_arrival[2];  // at that end; order is kept
  };
  struct Event {
    Instant when;
    uint64_t order;
    std::function<void()> run;
    bool operator<(const Event& o) const {
      return std::tie(when, order) > std::tie(o.when, o.order);
    }
  };

  static PeerId id_of(size_t i) {
    PeerId id;
    id.bytes[0] = 0x77;
    id.bytes[14] = static_cast<uint8_t>(i >> 8);
    id.bytes[15] = static_cast<uint8_t>(i);
    return id;
  }
  static size_t index_of(const PeerId& id) { return size_t{id.bytes[14]} << 8 | id.bytes[15]; }
  static Contact contact_of(size_t i) {
    Contact c{.peer = id_of(i)};
    c.endpoint.ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, uint8_t(i >> 8), uint8_t(i)};
    c.endpoint.port = 4000;
    c.fingerprint.fill(static_cast<uint8_t>(i + 1));
    return c;
  }
  bool both_alive(const Wire& w) const { return peers_[w.end[0]].alive && peers_[w.end[1]].alive; }
  size_t other_end(size_t i, LinkId link) const {
    const Wire& w = wires_[peers_[i].links.at(link)];
    return w.end[w.end[0] == i ? 1 : 0];
  }
  const Neighbour* opposite(size_t i, const Neighbour& n) const {
    const Wire& w = wires_[peers_[i].links.at(n.link)];
    const int other = w.end[0] == i ? 1 : 0;
    for (const Neighbour& there : overlay(w.end[other]).neighbours())
      if (there.link == w.link[other]) return &there;
    return nullptr;
  }

  // On the link that the child takes for its parent's.
  bool feeds(size_t above, size_t below) const {
    const Wire& w = wires_[peers_[below].links.at(*overlay(below).parent())];
    return peers_[above].fed.contains(w.link[w.end[0] == above ? 0 : 1]);
  }

  size_t add_peer(const PeerOptions& o, bool root) {
    const size_t i = peers_.size();
    OverlayOptions options{.self = id_of(i),
                           .root = root,
                           .witness = o.witness,
                           .dialable = o.dialable,
                           .parent_only = o.parent_only,
                           .max_children = o.max_children,
                           .fingerprint = contact_of(i).fingerprint};
    if (!root) {
      options.entry = contact_of(o.entry);
      options.entry->peer = PeerId();  // an invite does not tell
    }
    peers_.push_back({.overlay = std::make_unique<Overlay>(options), .options = o, .born = now_});
    peers_[i].overlay->start(now_);
    drain(i);
    return i;
  }
  Duration draw(Duration from, Duration to) {
    return from + Duration::micros(static_cast<int64_t>(
                      random_.below(static_cast<uint64_t>((to - from).us()) + 1)));
  }

  void drain(size_t i) {
    Peer& p = peers_[i];
    touched_.push_back(i);
    while (p.alive) {
      const auto action = p.overlay->poll();
      if (!action) break;
      std::visit([&](const auto& a) { act(i, a); }, *action);
    }
    const Instant next = p.overlay->next_timeout();
    if (!p.alive || next.is_never() || next >= p.wake) return;
    p.wake = std::max(next, now_);
    at(p.wake, [this, i, when = p.wake] {
      if (!peers_[i].alive || peers_[i].wake != when) return;
      peers_[i].wake = Instant::never();
      peers_[i].overlay->on_timeout(now_);
      drain(i);
    });
  }
  void act(size_t i, const Dial& dial) {
    const auto& ip = dial.contact.endpoint.ip;
    const size_t target = size_t{ip[14]} << 8 | ip[15];
    const size_t wire = wires_.size();
    wires_.push_back({.end = {i, target},
                      .link = {dial.link, LinkId(++peers_[target].inbound)},
                      .delay = draw(options_.min_delay, options_.max_delay)});
    peers_[i].links[dial.link] = wire;
    peers_[target].links[wires_[wire].link[1]] = wire;
    const Duration handshake = wires_[wire].delay * 5;  // DTLS and the link proof, one way short
    at(now_ + handshake, [this, wire, i, target, link = dial.link] {
      if (!peers_[target].alive || !peers_[target].options.dialable || peers_[target].muted)
        return at(now_ + options_.dial_timeout, [this, i, link] { link_down(i, link); });
      open(wire, 1);
      at(now_ + wires_[wire].delay, [this, wire] { open(wire, 0); });
    });
  }
  void act(size_t i, const Drop& drop) { close(i, drop.link); }
  void act(size_t i, const Say& say) { send(i, say.link, say.body); }
  void act(size_t i, const Feed& feed) { peers_[i].fed.insert(feed.child); }
  void act(size_t i, const StopFeed& stop) { peers_[i].fed.erase(stop.child); }
  void act(size_t i, const ParentChanged&) {
    ++peers_[i].parent_changes;
    parents_changed_ = true;
  }
  void act(size_t, const RelationChanged&) {}
  void act(size_t i, const Failed& failed) {
    EXPECT_FALSE(peers_[i].failure) << where(i) << " failed twice";
    peers_[i].failure = failed.why;
    peers_[i].failed_at = now_;
    leave(i);
  }

  void open(size_t wire, int side) {
    Wire& w = wires_[wire];
    const size_t i = w.end[side];
    const size_t other = w.end[1 - side];
    if (!peers_[i].alive) return;
    if (side == 0 && !w.open[1]) return link_down(i, w.link[0]);
    w.open[side] = true;
    if (peers_[i].options.dialable) peers_[i].overlay->set_own_endpoint(contact_of(i).endpoint);
    const auto dialled = side == 0 ? std::optional(contact_of(other).fingerprint) : std::nullopt;
    if (!peers_[i].overlay->on_link_ready(now_, w.link[side], id_of(other),
                                          contact_of(other).endpoint, side == 0, dialled))
      close(i, w.link[side]);
    drain(i);
  }
  void link_down(size_t i, LinkId link) {
    if (!peers_[i].alive) return;
    peers_[i].overlay->on_link_down(now_, link);
    drain(i);
  }
  // Our side closes; the other side sees it behind everything we have said.
  void close(size_t i, LinkId link) {
    const size_t wire = peers_[i].links.at(link);
    Wire& w = wires_[wire];
    const int side = w.end[0] == i ? 0 : 1;
    w.open[side] = false;
    peers_[i].fed.erase(link);
    close_later(wire, 1 - side, std::max(w.delay, w.last_arrival[1 - side] - now_));
  }
  void close_later(size_t wire, int side, Duration delay) {
    at(now_ + delay, [this, wire, side] {
      Wire& w = wires_[wire];
      if (!w.open[side]) return;
      w.open[side] = false;
      link_down(w.end[side], w.link[side]);
    });
  }
  void send(size_t i, LinkId link, const wire::Body& body) {
    const size_t wire = peers_[i].links.at(link);
    Wire& w = wires_[wire];
    const int to = w.end[0] == i ? 1 : 0;
    if (!w.open[1 - to] || peers_[i].muted) return;
    ++messages_;
    Bytes<wire::kMaxBodySize> bytes;
    const size_t size = wire::encode_body(bytes, body);
    const auto parsed = wire::parse_body(ByteSpan(bytes).first(size));
    ASSERT_TRUE(parsed) << wire::to_string(body) << " does not survive the wire, " << where(i);
    const Instant arrival =
        std::max(w.last_arrival[to], now_ + w.delay + draw(Duration(), options_.jitter));
    w.last_arrival[to] = arrival;
    at(arrival, [this, wire, to, message = *parsed] {
      const Wire& in = wires_[wire];
      const size_t receiver = in.end[to];
      if (!in.open[to] || !peers_[receiver].alive) return;
      peers_[receiver].overlay->on_body(now_, in.link[to], message);
      drain(receiver);
    });
  }

  // What must hold at every moment, of the peers that have just done something.
  void check_safety() {
    for (size_t i : touched_) {
      const Peer& p = peers_[i];
      if (!p.alive) continue;
      ASSERT_LE(p.overlay->position().depth, kMaxDepth) << where(i);
      const size_t below = p.overlay->neighbours().count(Neighbour::Down::kChild);
      ASSERT_LE(below, p.options.max_children ? p.options.max_children + kGuestPlaces : 0)
          << where(i);
      ASSERT_LE(p.overlay->neighbours().count(Neighbour::Down::kStandby), kMaxStandbys);
      ASSERT_EQ(p.fed.size(), below) << where(i) << " feeds others than its children";
    }
    touched_.clear();
    if (!std::exchange(parents_changed_, false) && loop_since_.is_never()) return;
    if (!has_loop())
      loop_since_ = Instant::never();
    else if (loop_since_.is_never())
      loop_since_ = now_;
    if (loop_since_.is_never()) return;
    ASSERT_LE(now_ - loop_since_, kMaxLoopTime) << where(kSource) << ": " << tree();
  }
  bool has_loop() const {
    for (size_t i : living()) {
      size_t at = i;
      for (size_t hops = 0; hops <= peers_.size(); ++hops) {
        const auto up = parent(at);
        if (!up || !peers_[*up].alive) break;
        at = *up;
        if (hops == peers_.size()) return true;
      }
    }
    return false;
  }

  static constexpr Duration kMaxLoopTime = Duration::seconds(1);

  WorldOptions options_;
  Prng random_;
  Instant now_ = Instant::from_ms(1'000);
  std::vector<Peer> peers_;
  std::vector<Wire> wires_;
  std::priority_queue<Event> events_;
  uint64_t event_count_ = 0;
  uint64_t messages_ = 0;
  Instant loop_since_ = Instant::never();
  std::vector<size_t> touched_;  // since the last check
  bool parents_changed_ = false;
};

}  // namespace swarmcast::overlay
