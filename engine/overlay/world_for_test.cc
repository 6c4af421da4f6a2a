#include "engine/overlay/world_for_test.h"

#include <algorithm>
#include <utility>

namespace swarmcast::overlay {

namespace {

PeerId id_of(size_t i) {
  PeerId id;
  id.bytes[0] = 0x77;
  id.bytes[14] = static_cast<uint8_t>(i >> 8);
  id.bytes[15] = static_cast<uint8_t>(i);
  return id;
}

Contact contact_of(size_t i) {
  Contact c{.peer = id_of(i)};
  c.endpoint.ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, uint8_t(i >> 8), uint8_t(i)};
  c.endpoint.port = 4000;
  c.fingerprint.fill(static_cast<uint8_t>(i + 1));
  return c;
}
size_t index_at(const Endpoint& e) { return size_t{e.ip[14]} << 8 | e.ip[15]; }

}  // namespace

size_t World::index_of(const PeerId& id) { return size_t{id.bytes[14]} << 8 | id.bytes[15]; }

World::World(WorldOptions options, size_t source_children)
    : options_(options), random_(options.seed) {
  add_peer({.max_children = source_children, .witness = false}, true);
}

size_t World::add_peer(const PeerOptions& o, bool root) {
  const size_t i = peers_.size();
  OverlayOptions options{.self = id_of(i),
                         .root = root,
                         .witness = o.witness,
                         .dialable = o.dialable,
                         .parent_only = o.parent_only,
                         .max_places = o.max_children,
                         .stripes = options_.stripes,
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

std::vector<size_t> World::join_many(size_t count, PeerOptions options) {
  std::vector<size_t> out;
  for (size_t i = 0; i < count; ++i) out.push_back(join(options));
  return out;
}

// --- what happens

void World::kill(size_t victim, Death death) {
  peers_[victim].alive = false;
  for (const auto& [link, wire] : peers_[victim].links) {
    const Wire& w = wires_[wire];
    const int other = w.end[0] == victim ? 1 : 0;
    if (!w.open[other]) continue;
    if (death == Death::kNoticed) {
      close_later(wire, other, w.delay);
      continue;
    }
    at(now_ + options_.silence, [this, wire = wire, other] {
      const Wire& quiet = wires_[wire];
      const size_t i = quiet.end[other];
      if (!quiet.open[other] || !peers_[i].alive) return;
      peers_[i].overlay->on_parent_silent(now_, quiet.link[other]);
      drain(i);
    });
    close_later(wire, other, options_.link_timeout);
  }
}

void World::leave(size_t peer) {
  for (const auto& [link, wire] : peers_[peer].links) send(peer, link, wire::body::Leave{});
  peers_[peer].alive = false;
}

void World::cut(size_t a, size_t b) {
  for (size_t i = 0; i < wires_.size(); ++i) {
    const Wire& w = wires_[i];
    if (std::minmax(w.end[0], w.end[1]) != std::minmax(a, b)) continue;
    for (int side : {0, 1}) close_later(i, side, Duration());
  }
}

void World::mute(size_t peer, bool muted) {
  peers_[peer].muted = muted;
  for (size_t child : children(peer)) {
    const LinkId link = *overlay(child).tree().parent();
    at(now_ + (muted ? options_.silence : Duration()), [this, child, link, muted] {
      if (muted)
        peers_[child].overlay->on_parent_silent(now_, link);
      else
        peers_[child].overlay->on_parent_speaks(link);
      drain(child);
    });
  }
}

void World::run_for(Duration span) {
  run_until([] { return false; }, span);
}

bool World::run_until(const std::function<bool()>& done, Duration limit) {
  const Instant end = now_ + limit;
  while (!done()) {
    if (events_.empty() || events_.top().when > end) {
      now_ = end;
      return done();
    }
    const Event event = events_.top();
    events_.pop();
    now_ = event.when;
    event.run();
    check_safety();
    if (testing::Test::HasFatalFailure()) return false;  // once is enough
  }
  return true;
}

void World::at(Instant when, std::function<void()> run) {
  events_.push({when, ++event_count_, std::move(run)});
}

Duration World::draw(Duration from, Duration to) {
  const auto span = static_cast<uint64_t>((to - from).us());
  return from + Duration::micros(static_cast<int64_t>(random_.below(span + 1)));
}

// --- a peer and its host

void World::drain(size_t i) {
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

void World::act(size_t i, const Dial& dial) {
  const size_t target = index_at(dial.contact.endpoint);
  const size_t wire = wires_.size();
  wires_.push_back({.end = {i, target},
                    .link = {dial.link, LinkId(++peers_[target].inbound)},
                    .delay = draw(options_.min_delay, options_.max_delay)});
  peers_[i].links[dial.link] = wire;
  peers_[target].links[wires_[wire].link[1]] = wire;
  const Duration handshake = wires_[wire].delay * 5;  // DTLS and the link proof, one way short
  at(now_ + handshake, [this, wire, i, target, link = dial.link] {
    const Peer& answers = peers_[target];
    if (!answers.alive || !answers.options.dialable || answers.muted)
      return at(now_ + options_.dial_timeout, [this, i, link] { link_down(i, link); });
    open(wire, 1);
    at(now_ + wires_[wire].delay, [this, wire] { open(wire, 0); });
  });
}

void World::act(size_t i, const ParentChanged&) {
  ++peers_[i].parent_changes;
  parents_changed_ = true;
}

void World::act(size_t i, const Failed& failed) {
  EXPECT_FALSE(peers_[i].failure) << where(i) << " failed twice";
  peers_[i].failure = failed.why;
  peers_[i].failed_at = now_;
  leave(i);
}

// --- the network

void World::open(size_t wire, int side) {
  Wire& w = wires_[wire];
  const size_t i = w.end[side];
  const Contact other = contact_of(w.end[1 - side]);
  Peer& p = peers_[i];
  if (!p.alive) return;
  if (side == 0 && !w.open[1]) return link_down(i, w.link[0]);
  w.open[side] = true;
  if (p.options.dialable) p.overlay->set_own_endpoint(contact_of(i).endpoint);
  const bool ours = side == 0;
  const auto dialled = ours ? std::optional(other.fingerprint) : std::nullopt;
  if (!p.overlay->on_link_ready(now_, w.link[side], other.peer, other.endpoint, ours, dialled))
    close(i, w.link[side]);
  drain(i);
}

void World::link_down(size_t i, LinkId link) {
  if (!peers_[i].alive) return;
  peers_[i].overlay->on_link_down(now_, link);
  drain(i);
}

// Our side closes; the other side sees it behind everything we have said.
void World::close(size_t i, LinkId link) {
  const size_t wire = peers_[i].links.at(link);
  Wire& w = wires_[wire];
  const int side = w.end[0] == i ? 0 : 1;
  w.open[side] = false;
  std::erase_if(peers_[i].fed, [&](const auto& f) { return f.first == link; });
  close_later(wire, 1 - side, std::max(w.delay, w.last_arrival[1 - side] - now_));
}

void World::close_later(size_t wire, int side, Duration delay) {
  at(now_ + delay, [this, wire, side] {
    Wire& w = wires_[wire];
    if (!w.open[side]) return;
    w.open[side] = false;
    link_down(w.end[side], w.link[side]);
  });
}

void World::send(size_t i, LinkId link, const wire::Body& body) {
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

std::vector<size_t> chain(World& world, size_t hops) {
  std::vector<size_t> out;
  for (size_t i = 0; i < hops; ++i) {
    const size_t entry = out.empty() ? kSource : out.back();
    out.push_back(world.join({.entry = entry, .max_children = 1, .parent_only = true}));
    world.run_for(1_s);
  }
  return out;
}

}  // namespace swarmcast::overlay
