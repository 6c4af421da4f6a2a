// gossipsub: what is new goes to all neighbours of the mesh at once; others hear of it later.
#include <algorithm>
#include <bitset>
#include <map>

#include "sim/baselines/designs.h"

namespace swarmcast::sim {
namespace {

// The values of the specification (gossipsub v1.1, "Parameters").
constexpr size_t kDegree = 8;
constexpr size_t kLeastDegree = 6;
constexpr size_t kMostDegree = 12;
constexpr size_t kLazyDegree = 6;
constexpr Duration kHeartbeat = Duration::seconds(1);
// A peer whose queue is longer than this drops what is new, as its outbound queues would.
constexpr Duration kMostWaiting = Duration::millis(50);
// An answer to IWANT is not waited for any longer.
constexpr Duration kWantPatience = Duration::millis(500);

class GossipPeer;

struct Member {
  GossipPeer* peer = nullptr;  // none: vanished
};

class GossipPeer final : public Peer {
 public:
  GossipPeer(Host& host, NodeId self, std::vector<Member>& members)
      : host_(host), self_(self), members_(members) {
    heartbeat_at_ =
        host.now() + kHeartbeat * static_cast<int64_t>(host.prng().below(1'000)) / 1'000;
  }

  void join() {
    graft(kDegree);
    host_.wake(self_, heartbeat_at_);
  }
  void forget(NodeId gone) { std::erase(mesh_, gone); }

  void on_captured(uint32_t frame) override {
    for (uint16_t i = 0; i < host_.stream()[frame].fragments; ++i) forward({frame, i}, self_);
  }

  void on_packet(NodeId from, const Message& message) override {
    switch (message.kind) {
      case Message::Kind::kFragment:
        return take(from, message);
      case Message::Kind::kOffer:
        return want(from, message);
      case Message::Kind::kRequest:
        for (const FragmentKey key : message.keys)
          if (host_.store(self_).has(key)) send(from, key, Cause::kRepair);
        return;
      default:
        return;
    }
  }

  void on_timer() override {
    if (host_.now() >= heartbeat_at_) {
      heartbeat();
      heartbeat_at_ = heartbeat_at_ + kHeartbeat;
    }
    host_.wake(self_, heartbeat_at_);
  }

  // Better than the specification: what the neighbour has sent us meanwhile stays here.
  bool on_leaving(NodeId to, Message& message) override {
    if (message.kind != Message::Kind::kFragment) return true;
    const auto has = had_by_.find(message.fragment);
    return has == had_by_.end() || std::ranges::find(has->second, to) == has->second.end();
  }
  int hop() const override { return host_.store(self_).newest_hops(); }

 private:
  void send(NodeId to, FragmentKey key, Cause cause) {
    Message message = fragment_message(host_.stream(), key, cause);
    host_.send(self_, to, std::move(message),
               cause == Cause::kRepair ? Urgency::kRepair : Urgency::kMedia,
               host_.stream()[key.frame].deadline);
  }

  void forward(FragmentKey key, NodeId from) {
    for (const NodeId to : mesh_)
      if (to != from && (self_ == 0 || host_.waiting(self_) < kMostWaiting))
        send(to, key, Cause::kPicture);
  }

  void take(NodeId from, const Message& message) {
    had_by_[message.fragment].push_back(from);
    if (host_.store(self_).add(message.fragment, host_.now(), message.hops))
      forward(message.fragment, from);
  }

  void heartbeat() {
    std::erase_if(mesh_, [&](NodeId n) { return !members_[n].peer; });
    if (mesh_.size() < kLeastDegree) graft(kDegree);
    while (mesh_.size() > kMostDegree) {
      const NodeId other = mesh_[host_.prng().below(mesh_.size())];
      members_[other].peer->forget(self_);
      forget(other);
    }
    forget_what_is_due();
    offer();
  }

  void forget_what_is_due() {
    while (!had_by_.empty() && host_.stream()[had_by_.begin()->first.frame].deadline <= host_.now())
      had_by_.erase(had_by_.begin());
    std::erase_if(wanted_, [&](const auto& w) { return w.second <= host_.now(); });
  }

  // Both sides agree at once.
  void graft(size_t degree) {
    for (const NodeId other : strangers(degree - std::min(degree, mesh_.size()))) {
      mesh_.push_back(other);
      members_[other].peer->mesh_.push_back(self_);
    }
  }

  // So many others at random that are not in the mesh.
  std::vector<NodeId> strangers(size_t count) {
    std::vector<NodeId> out;
    for (NodeId other = 0; other < members_.size(); ++other)
      if (other != self_ && members_[other].peer && std::ranges::find(mesh_, other) == mesh_.end())
        out.push_back(other);
    while (out.size() > count)
      out.erase(out.begin() + static_cast<long>(host_.prng().below(out.size())));
    return out;
  }

  // IHAVE, of what is not due yet.
  void offer() {
    std::vector<FragmentKey> keys;
    const Stream& stream = host_.stream();
    for (auto f = static_cast<uint32_t>(stream.size()); f-- > 0;) {
      if (stream[f].deadline <= host_.now()) break;
      const FrameMap* map = host_.store(self_).find(f);
      for (uint16_t i = 0; map && i < stream[f].fragments; ++i)
        if (map->have[i]) keys.push_back({f, i});
    }
    if (keys.empty()) return;
    Message message = Message::list(Message::Kind::kOffer, Cause::kControl, keys.size());
    message.keys = std::move(keys);
    for (const NodeId to : strangers(kLazyDegree))
      host_.send(self_, to, message, Urgency::kControl);
  }

  // IWANT.
  void want(NodeId from, const Message& offer) {
    std::vector<FragmentKey> keys;
    const Instant now = host_.now();
    for (const FragmentKey key : offer.keys) {
      const StreamFrame& shape = host_.stream()[key.frame];
      if (host_.store(self_).has(key) || shape.deadline <= now) continue;
      Instant& again_at = wanted_[key];
      if (again_at > now) continue;
      again_at = now + kWantPatience;
      keys.push_back(key);
    }
    if (keys.empty()) return;
    Message message = Message::list(Message::Kind::kRequest, Cause::kControl, keys.size());
    message.keys = std::move(keys);
    host_.send(self_, from, std::move(message), Urgency::kControl);
  }

  Host& host_;
  NodeId self_;
  std::vector<Member>& members_;
  std::vector<NodeId> mesh_;
  std::map<FragmentKey, std::vector<NodeId>> had_by_;  // who sent it to us
  std::map<FragmentKey, Instant> wanted_;
  Instant heartbeat_at_;
};

class Gossipsub final : public Design {
 public:
  explicit Gossipsub(Host& host) : host_(host) {}

  std::unique_ptr<Peer> make(NodeId node) override {
    auto peer = std::make_unique<GossipPeer>(host_, node, members_);
    members_.push_back({peer.get()});
    return peer;
  }
  void on_joined(NodeId node) override { members_[node].peer->join(); }
  void on_vanished(NodeId node) override {
    members_[node].peer = nullptr;
    for (const Member& member : members_)
      if (member.peer) member.peer->forget(node);
  }

 private:
  Host& host_;
  std::vector<Member> members_;
};

}  // namespace

std::unique_ptr<Design> gossipsub(Host& host, DataRate) {
  return std::make_unique<Gossipsub>(host);
}

}  // namespace swarmcast::sim
