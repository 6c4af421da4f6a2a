// Real engines on a simulated network, in virtual time. One seed gives one history, to the bit.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "engine/api/engine.h"
#include "engine/base/random.h"
#include "sim/net/nat.h"
#include "sim/net/network.h"
#include "sim/net/sctp_window.h"
#include "sim/world/event_queue.h"
#include "sim/world/host_clock.h"
#include "sim/world/packet_pool.h"
#include "sim/world/payload_pool.h"
#include "sim/world/swarm.h"

namespace swarmcast::sim {

// Sees all that happens. Must not change anything.
class Observer {
 public:
  virtual ~Observer() = default;
  // A frame was handed to the source's engine.
  virtual void on_published(Instant, const EncodedFrame&) {}
  // A node handed a message to the network.
  virtual void on_sent(Instant, NodeId, ByteSpan) {}
  // A node hands a frame to its decoder. The times are the world's, not of the node's clock.
  virtual void on_frame(Instant, NodeId, const output::Frame&) {}
  virtual void on_ended(Instant, NodeId, output::EndReason) {}
};

struct NodeOptions {
  EngineOptions engine;  // seed, secret, source and entry are filled in
  HostLines lines;
  size_t slab_bytes = 4 << 20;
  // The engine does not know of it. A browser (EngineOptions::browser) is never dialled.
  NatKind nat = NatKind::kNone;
  HostClock clock;
};

class World final : public Swarm {
 public:
  // `crypto` outlives the world.
  World(uint64_t seed, const PathModel& paths, const CryptoProvider& crypto);

  void observe(Observer& observer) { observers_.push_back(&observer); }

  // The first one, and only one.
  NodeId add_source(NodeOptions options);
  // Enters through `entry`.
  NodeId add_viewer(NodeId entry, NodeOptions options);
  // Gone without a word; its memory is freed.
  void vanish(NodeId node);
  void publish(const EncodedFrame& frame);

  // Runs `run` at that moment.
  void schedule(Instant at, std::function<void()> run);
  void run_until(Instant end);

  Instant now() const override { return now_; }
  size_t size() const override { return nodes_.size(); }
  // Reached by whoever knows its address alone.
  bool can_be_dialled(NodeId node) const;
  bool alive(NodeId node) const override { return nodes_[node].engine != nullptr; }
  const Engine& engine(NodeId node) const { return *nodes_[node].engine; }
  // Of a node that is alive.
  EngineStats stats(NodeId node) const { return engine(node).stats(local_time(node)); }
  Sample sample(NodeId node) const override;
  Network& network() { return network_; }
  const Network& network() const override { return network_; }
  // Whom it receives a stripe from, as it says itself; nullopt: from nobody.
  std::optional<NodeId> parent(NodeId node, StripeId stripe = StripeId(0)) const override;
  size_t links(NodeId node) const { return nodes_[node].links.size(); }
  // Links that came about by ICE, so far.
  uint64_t links_by_ice() const { return met_; }
  // What the source was last told to encode; nullopt: nothing.
  const std::optional<output::EncoderHint>& hint() const { return hint_; }
  uint64_t key_requests() const { return key_requests_; }
  // What all engines keep of the stream.
  PayloadPool& payload() { return payload_; }
  const PayloadPool& payload() const { return payload_; }
  // On their way at once, so far.
  size_t most_packets() const { return packets_.capacity(); }
  uint64_t events() const { return events_run_; }

  // Makes another engine than the real one, for attackers and for bugs that tests plant.
  std::function<std::unique_ptr<Engine>(NodeId, std::unique_ptr<Engine>)> wrap;

 private:
  // What SCTP keeps of one end of a link between two browsers.
  struct Sctp {
    SctpSender sender;
    SctpReceiver receiver;
    std::deque<std::vector<uint8_t>> waiting;  // for the window
    size_t waiting_bytes = 0;
    bool timer = false;      // one is scheduled
    bool ack_timer = false;  // one is scheduled
  };
  struct End {  // of a link that is up
    LinkId link;
    NodeId peer = 0;
    LinkId peer_link;
    PathId out = 0;
    bool data_channel = false;    // a browser is at one of its ends
    uint32_t unacknowledged = 0;  // messages that came over a data channel
    std::unique_ptr<Sctp> sctp;   // both are browsers: nothing keeps its window open
  };
  struct Prepared {  // an end of a link that ICE is to find a path for
    LinkId link;
    bool initiator = false;
    bool meeting = false;  // the path is found, and the link is being set up
    LinkDescription local;
    std::optional<LinkDescription> remote;
  };
  struct Node {
    std::unique_ptr<Engine> engine;  // none: vanished
    Endpoint endpoint;
    Fingerprint fingerprint{};
    HostClock clock;
    NatKind nat = NatKind::kNone;
    bool browser = false;
    uint32_t inbound = 0;  // links that others opened, so far
    std::vector<End> links;
    std::vector<Prepared> prepared;
    Instant armed = Instant::never();  // the timeout in the queue
  };

  Instant local_time(NodeId node) const { return nodes_[node].clock.local(now_); }
  NodeId add(NodeOptions options);
  void prefetch_next();
  void give(NodeId node, const Input& input);
  void drain(NodeId node);
  void arm(NodeId node);
  void on_timeout(NodeId node);
  void on_arrival(uint32_t packet);
  void on_delivery(uint32_t packet);

  void carry_out(NodeId node, const output::Transmit& o);
  void carry_out(NodeId node, const output::OpenLink& o);
  void carry_out(NodeId node, const output::PrepareLink& o);
  void carry_out(NodeId node, const output::RemoteDescription& o);
  void carry_out(NodeId node, const output::CloseLink& o);
  void carry_out(NodeId node, const output::Frame& o);
  void carry_out(NodeId, const output::KeyFrameWanted&) { ++key_requests_; }
  void carry_out(NodeId, const output::EncoderHint& o) { hint_ = o; }
  void carry_out(NodeId node, const output::Ended& o);
  template <typename Other>  // is of no consequence in this world
  void carry_out(NodeId, const Other&) {}

  void send_packet(const End& end, const Carrier& carrier, ByteSpan message);
  void deliver(uint32_t packet);

  // world_sctp.cc
  void offer(NodeId from, End& end, ByteSpan message);
  void send_waiting(NodeId from, End& end);
  void watch_timeout(NodeId from, End& end);
  void send_ack(End& end);
  void send_ack_later(NodeId from, End& end);
  bool take_sctp(const Packet& packet);
  void acknowledge(End& end);

  std::optional<NodeId> listener_at(const Contact& contact) const;
  void link_up(NodeId from, LinkId link, const Fingerprint& here, NodeId to, LinkId theirs,
               const Fingerprint& there);
  Duration set_up_time(NodeId a, NodeId b) const;
  void describe(NodeId node, LinkId link, CandidateType more);
  Prepared* find_prepared(NodeId node, LinkId link);
  std::optional<std::pair<NodeId, LinkId>> other_end(const Prepared& end);
  bool candidates_suffice(NodeId a, const Prepared& end, NodeId b, const Prepared& other) const;
  void try_to_meet(NodeId node, LinkId link);
  void meet(NodeId from, LinkId link, NodeId to, LinkId theirs);
  void fail_later(NodeId node, LinkId link, Duration after);
  End* find(NodeId node, LinkId link);
  bool forget(NodeId node, LinkId link);

  const CryptoProvider& crypto_;
  Prng prng_;
  Network network_;
  Instant now_ = Instant::from_ms(1'000);
  PayloadPool payload_;
  std::vector<Node> nodes_;
  EventQueue events_;
  PacketPool packets_;
  std::vector<std::function<void()>> scheduled_;
  std::vector<uint32_t> free_scheduled_;
  std::vector<Observer*> observers_;
  uint64_t key_requests_ = 0;
  std::optional<output::EncoderHint> hint_;
  uint64_t prepared_ends_ = 0;
  uint64_t met_ = 0;
  uint64_t events_run_ = 0;
};

}  // namespace swarmcast::sim
