// Peers of a baseline on the simulated network, in virtual time.
#pragma once

#include <deque>
#include <functional>
#include <unordered_map>

#include "sim/baselines/peer.h"
#include "sim/report/measure.h"
#include "sim/scenarios/pictures.h"
#include "sim/world/event_queue.h"

namespace swarmcast::sim {

class BaselineSwarm final : public Swarm, public Host {
 public:
  // Every frame is shown `playout` after its capture.
  BaselineSwarm(uint64_t seed, const PathModel& paths, Duration playout);

  // Before anybody joins; must outlive the swarm.
  void set_design(Design& design) { design_ = &design; }
  void set_measure(Measure& measure) { measure_ = &measure; }

  NodeId join(const HostLines& lines);
  // Gone without a word.
  void vanish(NodeId node);
  void publish(const Picture& picture);
  void cut(NodeId node, Instant until) { network_.cut(node, until); }
  void schedule(Instant at, std::function<void()> run);
  void run_until(Instant end);

  Instant now() const override { return now_; }
  size_t size() const override { return nodes_.size(); }
  bool alive(NodeId node) const override { return nodes_[node].alive; }
  Sample sample(NodeId node) const override;
  std::optional<NodeId> parent(NodeId node, StripeId) const override;
  const Network& network() const override { return network_; }

  const Stream& stream() const override { return stream_; }
  Store& store(NodeId node) override { return nodes_[node].store; }
  Duration round_trip(NodeId a, NodeId b) const override { return network_.delay(a, b) * 2; }
  DataRate uplink(NodeId node) const override { return network_.uplink(node); }
  Prng& prng() override { return prng_; }
  void send(NodeId from, NodeId to, Message message, Urgency urgency, Instant deadline) override;
  Duration waiting(NodeId node) const override;
  void wake(NodeId node, Instant at) override;

 private:
  struct Outgoing {
    NodeId to = 0;
    Instant deadline;
    Message message;
  };
  struct Node {
    std::unique_ptr<Peer> peer;  // until the others have noticed that it vanished
    bool alive = true;
    Store store;
    std::deque<Outgoing> outbox[3];  // by urgency
    int64_t queued = 0;              // bytes of packets
    Instant line_free;
    bool pumping = false;  // an event will call pump()
    Instant armed = Instant::never();
  };
  struct Packet {
    NodeId from = 0, to = 0;
    Instant arrived;
    Message message;
  };

  void pump(NodeId node);
  void transmit(NodeId from, Outgoing out);
  void on_timer(NodeId node);
  void on_arrival(uint32_t packet);
  void on_delivery(uint32_t packet);
  void present(uint32_t frame);
  PathId path(NodeId from, NodeId to);
  uint32_t take_packet();

  Prng prng_;
  Network network_;
  Duration playout_;
  Instant now_ = Instant::from_ms(1'000);
  Design* design_ = nullptr;
  Measure* measure_ = nullptr;
  Stream stream_;
  std::deque<Node> nodes_;
  EventQueue events_;
  std::deque<Packet> packets_;
  std::vector<uint32_t> free_packets_;
  std::vector<std::function<void()>> scheduled_;
  std::unordered_map<uint64_t, PathId> paths_;
};

}  // namespace swarmcast::sim
