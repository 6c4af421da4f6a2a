#include "engine/node/world_for_test.h"

#include <algorithm>

#include "engine/base/check.h"
#include "host/platform/sodium_crypto.h"

namespace swarmcast::node {
namespace {

constexpr size_t kSlabSize = 4 << 20;
// STUN, DTLS 1.2 with a fresh session: three round trips until both ends are up.
constexpr int kDialRoundTrips = 3;
constexpr Duration kDialTimeout = Duration::seconds(3);

// IPv4 addresses that a test can search for.
std::array<uint8_t, 16> address_of(uint8_t second, size_t node) {
  return {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, second, static_cast<uint8_t>(node), 99};
}

Bytes<32> numbered(uint64_t n, uint8_t kind) {
  Bytes<32> out{};
  for (size_t i = 0; i < 8; ++i) out[i] = static_cast<uint8_t>(n >> 8 * i);
  out[31] = kind;
  return out;
}

}  // namespace

size_t World::add(EngineOptions options) {
  auto node = std::make_unique<Node>();
  const size_t index = nodes_.size();
  node->slab.resize(kSlabSize);
  node->endpoint.ip = address_of(88, index);
  node->endpoint.port = static_cast<uint16_t>(1'000 + index);
  node->other_addresses = options.other_addresses;
  node->fingerprint = numbered(index, 1);
  options.seed = numbered(rng_.next(), 2);
  options.listen_fingerprint = node->fingerprint;
  node->engine = Engine::create(now_, options, platform::sodium_crypto(), node->slab);
  nodes_.push_back(std::move(node));
  drain(index);
  return index;
}

size_t World::add_source(EngineOptions options) {
  options.role = Role::kSource;
  return add(std::move(options));
}

size_t World::add_peer(size_t entry, EngineOptions options) {
  options.source_key_hash = nodes_[0]->engine->source_key_hash();
  options.entry =
      Contact{.endpoint = nodes_[entry]->endpoint, .fingerprint = nodes_[entry]->fingerprint};
  options.can_reach_gateways = gateways;
  const size_t i = add(std::move(options));
  nodes_[i]->entry = entry;
  return i;
}

size_t World::add_peer_behind_nat(size_t entry, EngineOptions options) {
  const size_t i = add_peer(entry, std::move(options));
  nodes_[i]->answers_dials = false;
  return i;
}

void World::set_link(size_t a, size_t b, const LinkModel& m) {
  models_[{a, b}] = m;
  models_[{b, a}] = m;
}

const LinkModel& World::model(size_t a, size_t b) const {
  const auto it = models_.find({a, b});
  return it == models_.end() ? default_link : it->second;
}

Duration World::delay(size_t a, size_t b) {
  const LinkModel& m = model(a, b);
  const int64_t jitter =
      m.jitter.us() == 0 ? 0
                         : static_cast<int64_t>(rng_.below(static_cast<uint64_t>(m.jitter.us())));
  return m.one_way + Duration::micros(jitter);
}

void World::schedule(Instant at, std::function<void()> run) {
  events_.push({at, order_++, std::move(run)});
}

void World::give(size_t i, const Input& input) {
  if (!nodes_[i]->alive) return;
  nodes_[i]->engine->handle(now_, input);
  drain(i);
}

void World::drain(size_t i) {
  Node& n = *nodes_[i];
  while (auto output = n.engine->poll(now_)) {
    std::visit(
        [&](const auto& o) {
          using T = std::decay_t<decltype(o)>;
          if constexpr (std::is_same_v<T, output::Transmit>) transmit(i, o);
          if constexpr (std::is_same_v<T, output::OpenLink>) dial(i, o.link, o.contact);
          if constexpr (std::is_same_v<T, output::PrepareLink>) prepare(i, o);
          if constexpr (std::is_same_v<T, output::RemoteDescription>) describe(i, o);
          if constexpr (std::is_same_v<T, output::NeedSignalPath>) open_signal_path(i);
          if constexpr (std::is_same_v<T, output::SendSignal>) send_signal(i, o);
          if constexpr (std::is_same_v<T, output::CloseLink>) close(i, o.link);
          if constexpr (std::is_same_v<T, output::KeyFrameWanted>) ++n.key_requests;
          if constexpr (std::is_same_v<T, output::EncoderHint>) n.hint = o;
          if constexpr (std::is_same_v<T, output::LinkChanged>) n.links.push_back(o);
          if constexpr (std::is_same_v<T, output::Ended>) n.ended.push_back(o.reason);
          if constexpr (std::is_same_v<T, output::Frame>)
            n.shown.push_back({{o.frame.track, o.frame.number},
                               o.frame.capture,
                               o.present_at,
                               now_,
                               o.show,
                               {o.frame.payload.begin(), o.frame.payload.end()}});
        },
        *output);
  }
  arm(i);
}

void World::arm(size_t i) {
  Node& n = *nodes_[i];
  const Instant next = n.engine->next_timeout();
  if (next.is_never() || next >= n.armed) return;
  n.armed = next;
  schedule(std::max(next, now_), [this, i, next] {
    Node& node = *nodes_[i];
    if (node.armed != next || !node.alive) return;
    node.armed = Instant::never();
    give(i, input::Timeout{});
  });
}

void World::dial(size_t from, LinkId link, const Contact& contact) {
  size_t to = nodes_.size();
  for (size_t i = 0; i < nodes_.size(); ++i)
    if (nodes_[i]->endpoint == contact.endpoint ||
        std::ranges::count(nodes_[i]->other_addresses, contact.endpoint) > 0)
      to = i;
  const bool answers = !cut_.contains(contact.endpoint.port) && to < nodes_.size() &&
                       nodes_[to]->fingerprint == contact.fingerprint && nodes_[to]->answers_dials;
  if (!answers) {
    schedule(now_ + kDialTimeout, [=, this] { give(from, input::LinkDown{link}); });
    return;
  }
  const Duration set_up = delay(from, to) * 2 * kDialRoundTrips;
  schedule(now_ + set_up, [=, this] {
    if (!nodes_[to]->alive || !nodes_[from]->alive) {
      schedule(now_ + kDialTimeout, [=, this] { give(from, input::LinkDown{link}); });
      return;
    }
    link_up(from, link, numbered(rng_.next(), 3), to, LinkId(++inbound_), nodes_[to]->fingerprint,
            contact.endpoint);
  });
}

void World::link_up(size_t from, LinkId link, const Fingerprint& from_certificate, size_t to,
                    LinkId theirs, const Fingerprint& to_certificate, const Endpoint& there) {
  wires_[{from, link.value()}] = {to, theirs, there.port};
  wires_[{to, theirs.value()}] = {from, link, there.port};
  const Endpoint here = nodes_[from]->endpoint;
  give(to, input::LinkUp{theirs, false, to_certificate, from_certificate, here});
  give(from, input::LinkUp{link, true, from_certificate, to_certificate, there});
}

// A host knows its own candidates at once.
void World::prepare(size_t at, const output::PrepareLink& o) {
  LinkDescription d;
  d.native = true;
  const std::string token = std::to_string(100'000 + prepared_ends_++);
  SWARMCAST_CHECK(d.ufrag.set("end" + token) && d.password.set("password0123456789" + token));
  d.fingerprint = o.listener_certificate ? nodes_[at]->fingerprint : numbered(rng_.next(), 4);
  d.add({.endpoint = {address_of(99, at), static_cast<uint16_t>(20'000 + prepared_ends_)},
         .priority = 1});
  prepared_[{at, o.link.value()}] = {.initiator = o.initiator, .local = d};
  schedule(now_ + Duration::millis(1),
           [this, at, link = o.link, d] { give(at, input::LocalDescription{link, d}); });
}

// As soon as each end knows the other's description, they find each other, or never.
void World::describe(size_t at, const output::RemoteDescription& o) {
  const auto here = prepared_.find({at, o.link.value()});
  if (here == prepared_.end()) return;
  here->second.remote = o.description;
  for (const auto& [there, other] : prepared_) {
    const bool pair = other.remote && other.remote->ufrag == here->second.local.ufrag &&
                      other.local.ufrag == o.description.ufrag;
    if (!pair || !can_meet(at, there.first)) continue;
    End from = here->first, to = there;
    if (!here->second.initiator) std::swap(from, to);
    schedule(now_ + delay(at, there.first) * 2 * kDialRoundTrips, [this, from, to] {
      const auto a = prepared_.find(from), b = prepared_.find(to);
      if (a == prepared_.end() || b == prepared_.end()) return;
      const Fingerprint mine = a->second.local.fingerprint, theirs = b->second.local.fingerprint;
      prepared_.erase(from);
      prepared_.erase(to);
      ++prepared_links;
      link_up(from.first, LinkId(from.second), mine, to.first, LinkId(to.second), theirs,
              nodes_[to.first]->endpoint);
    });
    return;
  }
}

void World::open_signal_path(size_t joiner) {
  if (!gateways) return;
  const size_t entry = nodes_[joiner]->entry;
  schedule(now_ + delay(joiner, entry) * 4, [this, joiner, entry] {
    const SignalPathId there(++last_path_), here(++last_path_);
    paths_[{joiner, here.value()}] = {entry, there.value()};
    paths_[{entry, there.value()}] = {joiner, here.value()};
    give(entry, input::SignalPathUp{there, false});
    give(joiner, input::SignalPathUp{here, true});
  });
}

void World::send_signal(size_t from, const output::SendSignal& o) {
  SWARMCAST_CHECK(o.bytes.size() <= kMaxMessageSize);
  const auto path = paths_.find({from, o.path.value()});
  if (path == paths_.end()) return;
  const End to = path->second;
  std::vector<uint8_t> bytes(o.bytes.begin(), o.bytes.end());
  if (path_tap && !path_tap(from, to.first, bytes)) return;
  schedule(now_ + delay(from, to.first),
           [this, to, bytes] { give(to.first, input::Signal{SignalPathId(to.second), bytes}); });
}

void World::transmit(size_t from, const output::Transmit& t) {
  SWARMCAST_CHECK(t.message.size() <= kMaxMessageSize);
  ++messages_sent;
  const auto wire = wires_.find({from, t.link.value()});
  if (wire == wires_.end()) return;
  const size_t to = wire->second.peer;
  const LinkId theirs = wire->second.peer_link;
  std::vector<uint8_t> message(t.message.begin(), t.message.end());
  if (tap && !tap(from, to, message)) return;
  const uint16_t port = wire->second.port;
  if (cut_.contains(port)) return;
  bytes_over_[port] += message.size();
  if (rng_.chance(model(from, to).loss)) return;
  const auto takes = network ? network(from, to, message.size()) : delay(from, to);
  if (!takes) return;
  const Instant arrives = now_ + *takes;
  const Duration waits = reading_delay ? reading_delay(to) : Duration();
  schedule(arrives + waits, [this, to, theirs, arrives, message = std::move(message)] {
    if (wires_.contains({to, theirs.value()})) give(to, input::Datagram{theirs, message, arrives});
  });
}

void World::close(size_t from, LinkId link) {
  prepared_.erase({from, link.value()});
  const auto wire = wires_.find({from, link.value()});
  if (wire == wires_.end()) return;
  const auto [to, theirs, port] = wire->second;
  wires_.erase(wire);
  if (cut_.contains(port)) return;
  schedule(now_ + delay(from, to), [this, to = to, theirs = theirs] {
    if (wires_.erase({to, theirs.value()}) > 0) give(to, input::LinkDown{theirs});
  });
}

std::vector<uint8_t> World::content(FrameNumber number, size_t size) {
  std::vector<uint8_t> out(size);
  Prng rng(number.value());
  for (uint8_t& b : out) b = static_cast<uint8_t>(rng.next());
  return out;
}

void World::publish_every(size_t source, Duration period, size_t size) {
  publishing_ = true;
  publish_next(source, period, size);
}

void World::publish_next(size_t source, Duration period, size_t size) {
  if (!publishing_) return;
  const uint32_t n = published_++;
  const uint8_t in_chunk = n % 4;
  const bool key = n % 40 == 0;
  static constexpr uint8_t kTemporal[] = {0, 2, 1, 2};
  static constexpr uint8_t kDepends[] = {4, 1, 2, 1};
  const auto payload = content(FrameNumber(n), key ? size * 4 : size);
  give(source, input::PublishFrame{{.track = kVideoTrack,
                                    .index_in_chunk = in_chunk,
                                    .temporal_id = kTemporal[in_chunk],
                                    .key = key,
                                    .depends_on = key ? uint8_t{0} : kDepends[in_chunk],
                                    .payload = payload},
                                   now_});
  schedule(now_ + period, [=, this] { publish_next(source, period, size); });
}

void World::run_until(Instant end) {
  while (!events_.empty() && events_.top().at <= end) {
    const Event event = events_.top();
    events_.pop();
    now_ = std::max(now_, event.at);
    event.run();
  }
  now_ = std::max(now_, end);
}

bool World::run_until_true(const std::function<bool()>& done, Duration limit) {
  const Instant end = now_ + limit;
  while (!done()) {
    if (events_.empty() || events_.top().at > end) return false;
    run_until(events_.top().at);
  }
  return true;
}

}  // namespace swarmcast::node
