#include "sim/world/world.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "sim/world/addresses.h"
#include "sim/world/digest.h"

namespace swarmcast::sim {

World::World(uint64_t seed, const PathModel& paths, const CryptoProvider& crypto)
    : crypto_(crypto), prng_(seed), network_(mix(seed, 1), paths) {}

NodeId World::add_source(NodeOptions options) {
  SWARMCAST_CHECK(nodes_.empty());
  options.engine.role = Role::kSource;
  return add(std::move(options));
}

NodeId World::add_viewer(NodeId entry, NodeOptions options) {
  options.engine.source_key_hash = nodes_[0].engine->source_key_hash();
  options.engine.entry =
      Contact{.endpoint = nodes_[entry].endpoint, .fingerprint = nodes_[entry].fingerprint};
  return add(std::move(options));
}

NodeId World::add(NodeOptions options) {
  const NodeId id = network_.add_host(options.lines);
  SWARMCAST_CHECK(id == nodes_.size());
  Node node;
  node.endpoint = endpoint_of(id);
  node.fingerprint = numbered(id, NumberedKind::kListener);
  node.nat = options.nat;
  node.clock = options.clock;
  node.browser = options.engine.browser;
  options.engine.seed = numbered(prng_.next(), NumberedKind::kSeed);
  options.engine.listen_fingerprint = node.fingerprint;
  auto engine = Engine::create(
      node.clock.local(now_), options.engine, crypto_,
      std::make_unique<SharedMemory>(payload_, options.slab_bytes / kMaxMessageSize));
  node.engine = wrap ? wrap(id, std::move(engine)) : std::move(engine);
  nodes_.push_back(std::move(node));
  drain(id);
  return id;
}

void World::vanish(NodeId id) {
  Node& node = nodes_[id];
  for (const End& end : node.links) network_.close_path(end.out);
  node.links.clear();
  node.prepared.clear();
  node.engine.reset();
}

void World::publish(const EncodedFrame& frame) {
  for (Observer* o : observers_) o->on_published(now_, frame);
  give(0, input::PublishFrame{frame, local_time(0)});
}

void World::schedule(Instant at, std::function<void()> run) {
  uint32_t place = static_cast<uint32_t>(scheduled_.size());
  if (free_scheduled_.empty()) {
    scheduled_.push_back(std::move(run));
  } else {
    place = free_scheduled_.back();
    free_scheduled_.pop_back();
    scheduled_[place] = std::move(run);
  }
  events_.push({at, EventKind::kScheduled, place});
}

void World::run_until(Instant end) {
  while (!events_.empty() && events_.next().at <= end) {
    const Event event = events_.pop();
    now_ = std::max(now_, event.at);
    ++events_run_;
    prefetch_next();
    switch (event.kind) {
      case EventKind::kArrival:
        on_arrival(event.subject);
        break;
      case EventKind::kDelivery:
        on_delivery(event.subject);
        break;
      case EventKind::kTimeout:
        on_timeout(event.subject);
        break;
      case EventKind::kScheduled:
        const auto run = std::exchange(scheduled_[event.subject], nullptr);
        free_scheduled_.push_back(event.subject);
        run();
        break;
    }
  }
  now_ = std::max(now_, end);
}

// Every event is about another engine, and none of what it needs is in the processor's caches:
// fetched while this event runs, the next one's packet does not have to be waited for.
void World::prefetch_next() {
  if (events_.empty()) return;
  const Event& next = events_.next();
  if (next.kind == EventKind::kArrival || next.kind == EventKind::kDelivery)
    packets_.prefetch(next.subject);
  else if (next.kind == EventKind::kTimeout)
    __builtin_prefetch(&nodes_[next.subject]);
}

void World::give(NodeId id, const Input& input) {
  if (!nodes_[id].engine) return;
  nodes_[id].engine->handle(local_time(id), input);
  drain(id);
}

void World::drain(NodeId id) {
  Engine& engine = *nodes_[id].engine;
  const Instant now = local_time(id);
  while (const auto output = engine.poll(now))
    std::visit([&](const auto& o) { carry_out(id, o); }, *output);
  arm(id);
}

void World::arm(NodeId id) {
  Node& node = nodes_[id];
  const Instant next = node.clock.world(node.engine->next_timeout());
  if (next.is_never() || next >= node.armed) return;
  node.armed = std::max(next, now_);
  events_.push({node.armed, EventKind::kTimeout, id});
}

// An earlier timeout may have been put in since, or the engine may have put its own off.
void World::on_timeout(NodeId id) {
  Node& node = nodes_[id];
  if (!node.engine || node.armed != now_) return;
  node.armed = Instant::never();
  if (node.engine->next_timeout() > local_time(id))
    arm(id);
  else
    give(id, input::Timeout{});
}

Sample World::sample(NodeId id) const {
  // The source would count as received what it published.
  if (id == 0) return {};
  const EngineStats now = stats(id);
  return {.fresh = now.bytes.media_in, .again = now.bytes.media_again, .hop = now.hop};
}

std::optional<NodeId> World::parent(NodeId id, StripeId stripe) const {
  if (!alive(id)) return std::nullopt;
  const auto parent = engine(id).parent(stripe);
  for (const End& end : nodes_[id].links)
    if (end.link == parent) return end.peer;
  return std::nullopt;
}

void World::carry_out(NodeId id, const output::Frame& o) {
  output::Frame shown = o;
  shown.present_at = nodes_[id].clock.world(o.present_at);
  for (Observer* observer : observers_) observer->on_frame(now_, id, shown);
}

void World::carry_out(NodeId id, const output::Ended& o) {
  for (Observer* observer : observers_) observer->on_ended(now_, id, o.reason);
}

// --- messages

void World::carry_out(NodeId id, const output::Transmit& o) {
  End* end = find(id, o.link);
  if (!end) return;
  const ByteSpan message = o.message;
  for (Observer* observer : observers_) observer->on_sent(now_, id, message);
  if (message.size() > kMaxMessageSize) return;  // no datagram takes it
  if (end->sctp) return offer(id, *end, message);
  Carrier carrier;
  if (end->data_channel) carrier.overhead = kSctpOverhead;
  send_packet(*end, carrier, message);
}

void World::send_packet(const End& end, const Carrier& carrier, ByteSpan message) {
  const size_t size = message.size() + carrier.overhead;
  const auto arrivals = network_.send(now_, end.out, size);
  const Duration through = network_.time_down(end.peer, size);
  for (int i = 0; i < arrivals.count; ++i) {
    const uint32_t packet = packets_.add(end.peer, end.peer_link, carrier, message);
    packets_[packet].arrived = arrivals.at[i];
    events_.push({arrivals.at[i] + through, EventKind::kArrival, packet});
  }
}

// The event comes when an idle downlink would have let the packet through: then most packets need
// no second one.
void World::on_arrival(uint32_t id) {
  const Packet& packet = packets_[id];
  const auto through = network_.receive(packet.arrived, packet.to, packet.size_on_line());
  if (!through)
    packets_.release(id);
  else if (*through <= now_)
    on_delivery(id);
  else
    events_.push({*through, EventKind::kDelivery, id});
}

void World::on_delivery(uint32_t id) {
  deliver(id);
  packets_.release(id);
}

void World::deliver(uint32_t id) {
  const Packet& packet = packets_[id];
  End* end = find(packet.to, packet.link);
  if (!end) return;
  if (end->sctp && !take_sctp(packet)) return;
  if (end->data_channel && !end->sctp) acknowledge(*end);
  give(packet.to, input::Datagram{packet.link, packet.message(), local_time(packet.to)});
}

}  // namespace swarmcast::sim
