#include "sim/baselines/baseline_swarm.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "sim/world/digest.h"

namespace swarmcast::sim {
namespace {

// A node's two kinds of timeouts share one kind of event.
constexpr uint32_t kPumpBit = 1;

int64_t on_the_line(const Message& message) {
  return static_cast<int64_t>(message.bytes + kPacketOverhead);
}

}  // namespace

BaselineSwarm::BaselineSwarm(uint64_t seed, const PathModel& paths, Duration playout)
    : prng_(seed), network_(mix(seed, 1), paths), playout_(playout) {}

NodeId BaselineSwarm::join(const HostLines& lines) {
  const NodeId id = network_.add_host(lines);
  nodes_.push_back({.peer = nullptr, .store = Store(stream_)});
  nodes_[id].line_free = now_;
  nodes_[id].peer = design_->make(id);
  design_->on_joined(id);
  return id;
}

void BaselineSwarm::vanish(NodeId id) {
  Node& node = nodes_[id];
  node.alive = false;
  for (auto& queue : node.outbox) queue.clear();
  node.queued = 0;
  schedule(now_ + kNoticed, [this, id] {
    design_->on_vanished(id);
    nodes_[id].peer.reset();
  });
}

void BaselineSwarm::publish(const Picture& picture) {
  const auto number = static_cast<uint32_t>(stream_.size());
  const size_t count = (picture.bytes + kBaselinePayload - 1) / kBaselinePayload;
  SWARMCAST_CHECK(count <= kMostFragments);
  stream_.push_back({.captured = now_,
                     .deadline = now_ + playout_,
                     .fragments = static_cast<uint16_t>(count),
                     .payload = static_cast<uint16_t>((picture.bytes + count - 1) / count),
                     .key = picture.key,
                     .depends_on = picture.depends_on});
  measure_->on_published(now_, picture.bytes, picture.temporal_id == 0);
  Store& source = nodes_[0].store;
  for (size_t i = 0; i < count; ++i) source.add({number, static_cast<uint16_t>(i)}, now_);
  nodes_[0].peer->on_captured(number);
  schedule(now_ + playout_, [this, number] { present(number); });
}

void BaselineSwarm::present(uint32_t frame) {
  for (NodeId node = 1; node < nodes_.size(); ++node) {
    if (!alive(node)) continue;
    if (const auto ready = nodes_[node].store.decodable(frame))
      measure_->on_shown(node, frame, *ready, now_);
  }
}

void BaselineSwarm::schedule(Instant at, std::function<void()> run) {
  scheduled_.push_back(std::move(run));
  events_.push({at, EventKind::kScheduled, static_cast<uint32_t>(scheduled_.size() - 1)});
}

void BaselineSwarm::run_until(Instant end) {
  while (!events_.empty() && events_.next().at <= end) {
    const Event event = events_.pop();
    now_ = std::max(now_, event.at);
    switch (event.kind) {
      case EventKind::kArrival:
        on_arrival(event.subject);
        break;
      case EventKind::kDelivery:
        on_delivery(event.subject);
        break;
      case EventKind::kTimeout:
        if (event.subject & kPumpBit) {
          nodes_[event.subject >> 1].pumping = false;
          pump(event.subject >> 1);
        } else {
          on_timer(event.subject >> 1);
        }
        break;
      case EventKind::kScheduled:
        std::exchange(scheduled_[event.subject], nullptr)();
        break;
    }
  }
  now_ = std::max(now_, end);
}

Sample BaselineSwarm::sample(NodeId id) const {
  const Node& node = nodes_[id];
  return {.fresh = node.store.fresh, .again = node.store.again, .hop = node.peer->hop()};
}

std::optional<NodeId> BaselineSwarm::parent(NodeId id, StripeId) const {
  return alive(id) ? nodes_[id].peer->parent() : std::nullopt;
}

// --- timers

void BaselineSwarm::wake(NodeId id, Instant at) {
  Node& node = nodes_[id];
  at = std::max(at, now_);
  if (at >= node.armed) return;
  node.armed = at;
  events_.push({at, EventKind::kTimeout, id << 1});
}

void BaselineSwarm::on_timer(NodeId id) {
  Node& node = nodes_[id];
  if (!node.alive || node.armed != now_) return;  // an earlier one has been put in since
  node.armed = Instant::never();
  node.peer->on_timer();
}

// --- messages

void BaselineSwarm::send(NodeId from, NodeId to, Message message, Urgency urgency,
                         Instant deadline) {
  Node& node = nodes_[from];
  if (!node.alive) return;
  if (message.kind == Message::Kind::kFragment)
    message.hops = static_cast<uint8_t>(node.store.hops(message.fragment) + 1);
  node.queued += on_the_line(message);
  node.outbox[static_cast<size_t>(urgency)].push_back({to, deadline, std::move(message)});
  if (!node.pumping) pump(from);
}

Duration BaselineSwarm::waiting(NodeId id) const {
  const Node& node = nodes_[id];
  const Duration line = std::max(node.line_free - now_, Duration());
  return uplink(id).bps() == 0 ? line : line + uplink(id).time_to_send(node.queued);
}

// Sends while the line is free, and comes back when it is again.
void BaselineSwarm::pump(NodeId id) {
  Node& node = nodes_[id];
  for (auto& queue : node.outbox) {
    while (!queue.empty() && node.line_free <= now_) {
      Outgoing out = std::move(queue.front());
      queue.pop_front();
      node.queued -= on_the_line(out.message);
      transmit(id, std::move(out));
    }
  }
  const bool more = std::ranges::any_of(node.outbox, [](const auto& q) { return !q.empty(); });
  if (!more) return;
  node.pumping = true;
  events_.push({node.line_free, EventKind::kTimeout, id << 1 | kPumpBit});
}

// Unless it would be too late, or is not wanted any more.
void BaselineSwarm::transmit(NodeId from, Outgoing out) {
  Node& node = nodes_[from];
  const DataRate rate = uplink(from);
  const Duration takes = rate.bps() == 0 ? Duration() : rate.time_to_send(on_the_line(out.message));
  if (now_ + takes + network_.delay(from, out.to) > out.deadline) return;
  if (!alive(out.to) || !node.peer->on_leaving(out.to, out.message)) return;
  const Message& m = out.message;
  const size_t picture = m.cause == Cause::kPicture ? m.payload : 0;
  measure_->on_bytes(now_, Cause::kPicture, picture);
  measure_->on_bytes(now_, m.cause == Cause::kPicture ? Cause::kHeaders : m.cause,
                     m.bytes + kPacketOverhead - picture);
  node.line_free = now_ + takes;
  const auto arrivals = network_.send(now_, path(from, out.to), m.bytes);
  const Duration through = network_.time_down(out.to, m.bytes);
  for (int i = 0; i < arrivals.count; ++i) {
    const uint32_t packet = take_packet();
    packets_[packet] = {from, out.to, arrivals.at[i], m};
    events_.push({arrivals.at[i] + through, EventKind::kArrival, packet});
  }
}

PathId BaselineSwarm::path(NodeId from, NodeId to) {
  const auto [it, fresh] = paths_.try_emplace(uint64_t{from} << 32 | to, 0);
  if (fresh) it->second = network_.open_path(from, to);
  return it->second;
}

uint32_t BaselineSwarm::take_packet() {
  if (free_packets_.empty()) {
    packets_.emplace_back();
    return static_cast<uint32_t>(packets_.size() - 1);
  }
  const uint32_t id = free_packets_.back();
  free_packets_.pop_back();
  return id;
}

void BaselineSwarm::on_arrival(uint32_t id) {
  const Packet& packet = packets_[id];
  const auto through = network_.receive(packet.arrived, packet.to, packet.message.bytes);
  if (!through)
    free_packets_.push_back(id);
  else if (*through <= now_)
    on_delivery(id);
  else
    events_.push({*through, EventKind::kDelivery, id});
}

void BaselineSwarm::on_delivery(uint32_t id) {
  const Packet packet = std::move(packets_[id]);
  free_packets_.push_back(id);
  if (alive(packet.to)) nodes_[packet.to].peer->on_packet(packet.from, packet.message);
}

}  // namespace swarmcast::sim
