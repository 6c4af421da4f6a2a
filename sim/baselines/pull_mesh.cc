// CoolStreaming's way: everybody tells its neighbours every so often what it has, and pulls.
#include <algorithm>
#include <map>
#include <tuple>

#include "sim/baselines/designs.h"
#include "sim/world/digest.h"

namespace swarmcast::sim {
namespace {

// Each peer chooses so many neighbours, and as many choose it on average.
constexpr size_t kChosen = 5;
constexpr size_t kMostNeighbours = 12;
// All that are beside the source want all of what nobody else has yet; a line that cannot give it
// is of use to none of them.
constexpr double kSourceNeighbourCost = 1.2;  // of R
// Shorter than DONet's second, which a delay of under one could not do with.
constexpr Duration kMapPeriod = Duration::millis(50);
// A pull that has brought nothing so long after it should have is made elsewhere.
constexpr Duration kPatience = Duration::millis(150);
// Who would keep us waiting for longer is not asked: somebody else will have it soon.
constexpr Duration kMostQueue = Duration::millis(300);
constexpr size_t kMapEntry = 4;  // number and count of a frame, beside a bit a fragment

class PullPeer final : public Peer {
 public:
  PullPeer(Host& host, NodeId self) : host_(host), self_(self) {}

  void set_neighbours(std::vector<NodeId> neighbours) {
    neighbours_ = std::move(neighbours);
    std::erase_if(maps_, [&](const auto& m) {
      return std::ranges::find(neighbours_, m.first) == neighbours_.end();
    });
    if (next_map_.is_never()) {
      next_map_ = host_.now() + kMapPeriod * static_cast<int64_t>(host_.prng().below(100)) / 100;
      host_.wake(self_, next_map_);
    }
  }

  void on_packet(NodeId from, const Message& message) override {
    switch (message.kind) {
      case Message::Kind::kMap:
        maps_[from] = message.have;
        return pull();
      case Message::Kind::kRequest:
        return give(from, message);
      case Message::Kind::kFragment:
        host_.store(self_).add(message.fragment, host_.now(), message.hops);
        pending_.erase(message.fragment);
        return;
      default:
        return;
    }
  }

  void on_timer() override {
    if (host_.now() < next_map_) return host_.wake(self_, next_map_);
    tell();
    pull();
    next_map_ = host_.now() + kMapPeriod;
    host_.wake(self_, next_map_);
  }
  int hop() const override { return host_.store(self_).newest_hops(); }

 private:
  struct Pull {
    NodeId from = 0;
    Instant again_at;
  };
  struct Wanted {
    size_t holders = 0;
    Instant deadline;
    FragmentKey key;
    int64_t payload = 0;  // bytes
    uint64_t luck = 0;    // so that neighbours of one holder do not all ask it for the same first
    auto order() const { return std::tuple(holders, deadline, luck); }
  };

  uint32_t oldest_due() const {
    const Stream& stream = host_.stream();
    auto frame = static_cast<uint32_t>(stream.size());
    while (frame > 0 && stream[frame - 1].deadline > host_.now()) --frame;
    return frame;
  }

  void tell() {
    auto have = std::make_shared<std::vector<FrameMap>>();
    size_t bits = 0;
    for (uint32_t frame = oldest_due(); frame < host_.stream().size(); ++frame) {
      if (const FrameMap* map = host_.store(self_).find(frame)) {
        have->push_back(*map);
        bits += kMapEntry * 8 + host_.stream()[frame].fragments;
      }
    }
    if (have->empty()) return;
    Message message = Message::list(Message::Kind::kMap, Cause::kControl, 0);
    message.bytes += (bits + 7) / 8;
    message.have = std::move(have);
    for (const NodeId to : neighbours_) host_.send(self_, to, message, Urgency::kControl);
  }

  void pull() {
    if (self_ == 0) return;
    const Instant now = host_.now();
    std::erase_if(pending_, [&](const auto& p) { return now >= p.second.again_at; });
    outstanding_.clear();
    for (const auto& [key, p] : pending_) outstanding_[p.from] += host_.stream()[key.frame].payload;
    std::map<NodeId, std::vector<FragmentKey>> requests;
    for (const Wanted& w : wanted()) ask_the_quickest(w, requests);
    for (auto& [from, keys] : requests) {
      Message request = Message::list(Message::Kind::kRequest, Cause::kControl, keys.size());
      request.keys = std::move(keys);
      host_.send(self_, from, std::move(request), Urgency::kControl);
    }
  }

  // Rarest first, among those what is due first.
  std::vector<Wanted> wanted() const {
    std::map<uint32_t, std::bitset<kMostFragments>> offered;
    const uint32_t oldest = oldest_due();
    for (const auto& [from, map] : maps_)
      for (const FrameMap& frame : *map)
        if (frame.frame >= oldest) offered[frame.frame] |= frame.have;
    std::vector<Wanted> out;
    for (auto& [frame, fragments] : offered) {
      if (const FrameMap* own = host_.store(self_).find(frame)) fragments &= ~own->have;
      if (fragments.none()) continue;
      for (uint16_t i = 0; i < host_.stream()[frame].fragments; ++i) {
        const FragmentKey key{frame, i};
        if (!fragments[i] || pending_.contains(key)) continue;
        out.push_back({.holders = holders(key),
                       .deadline = host_.stream()[frame].deadline,
                       .key = key,
                       .payload = host_.stream()[frame].payload,
                       .luck = mix(mix(self_, frame), i)});
      }
    }
    std::ranges::sort(out, {}, &Wanted::order);
    return out;
  }

  bool holds(const std::vector<FrameMap>& map, FragmentKey key) const {
    const auto frame = std::ranges::lower_bound(map, key.frame, {}, &FrameMap::frame);
    return frame != map.end() && frame->frame == key.frame && frame->have[key.index];
  }
  size_t holders(FragmentKey key) const {
    return static_cast<size_t>(
        std::ranges::count_if(maps_, [&](const auto& m) { return holds(*m.second, key); }));
  }

  // Of those who have it, the one whose line brings it first.
  void ask_the_quickest(const Wanted& w, std::map<NodeId, std::vector<FragmentKey>>& requests) {
    Duration best = Duration::infinite();
    NodeId from = 0;
    for (const auto& [neighbour, map] : maps_) {
      if (!holds(*map, w.key) || !host_.alive(neighbour)) continue;
      const Duration queue = host_.waiting(neighbour) + host_.uplink(neighbour).time_to_send(
                                                            outstanding_[neighbour] + w.payload);
      if (queue > kMostQueue) continue;
      const Duration takes = host_.round_trip(self_, neighbour) + queue;
      if (takes < best) {
        best = takes;
        from = neighbour;
      }
    }
    if (best > w.deadline - host_.now()) return;
    outstanding_[from] += w.payload;
    pending_[w.key] = {from, host_.now() + best + kPatience};
    requests[from].push_back(w.key);
  }

  void give(NodeId to, const Message& request) {
    for (const FragmentKey key : request.keys)
      if (host_.store(self_).has(key))
        host_.send(self_, to, fragment_message(host_.stream(), key, Cause::kPicture),
                   Urgency::kMedia, host_.stream()[key.frame].deadline);
  }

  Host& host_;
  NodeId self_;
  std::vector<NodeId> neighbours_;
  std::map<NodeId, std::shared_ptr<const std::vector<FrameMap>>> maps_;
  std::map<FragmentKey, Pull> pending_;
  std::map<NodeId, int64_t> outstanding_;  // bytes
  Instant next_map_ = Instant::never();
};

class PullMesh final : public Design {
 public:
  PullMesh(Host& host, DataRate rate) : host_(host), rate_(rate) {}

  std::unique_ptr<Peer> make(NodeId node) override {
    auto peer = std::make_unique<PullPeer>(host_, node);
    members_.push_back({.peer = peer.get(), .neighbours = {}});
    return peer;
  }
  void on_joined(NodeId node) override {
    find_neighbours(node);
    members_[node].peer->set_neighbours(members_[node].neighbours);
  }
  void on_vanished(NodeId node) override {
    members_[node].peer = nullptr;
    std::vector<NodeId> left;
    left.swap(members_[node].neighbours);
    for (const NodeId other : left) std::erase(members_[other].neighbours, node);
    for (const NodeId other : left) {
      if (!members_[other].peer) continue;
      find_neighbours(other);
      members_[other].peer->set_neighbours(members_[other].neighbours);
    }
  }

 private:
  struct Member {
    PullPeer* peer = nullptr;  // none: vanished
    std::vector<NodeId> neighbours;
  };

  size_t most_neighbours(NodeId node) const {
    if (node != 0) return kMostNeighbours;
    const double share =
        static_cast<double>(host_.uplink(0).bps()) / static_cast<double>(rate_.bps());
    return std::clamp(static_cast<size_t>(share / kSourceNeighbourCost), size_t{1},
                      kMostNeighbours);
  }
  bool has_room(NodeId node) const {
    return members_[node].peer && host_.alive(node) &&
           members_[node].neighbours.size() < most_neighbours(node);
  }

  // At random, until it has enough.
  void find_neighbours(NodeId node) {
    auto& own = members_[node].neighbours;
    std::vector<NodeId> others;
    for (NodeId other = 0; other < members_.size(); ++other)
      if (other != node && has_room(other) && std::ranges::find(own, other) == own.end())
        others.push_back(other);
    while (own.size() < std::min(kChosen, most_neighbours(node)) && !others.empty()) {
      const size_t at = host_.prng().below(others.size());
      const NodeId other = others[at];
      others.erase(others.begin() + static_cast<long>(at));
      own.push_back(other);
      members_[other].neighbours.push_back(node);
      members_[other].peer->set_neighbours(members_[other].neighbours);
    }
  }

  Host& host_;
  DataRate rate_;
  std::vector<Member> members_;
};

}  // namespace

std::unique_ptr<Design> pull_mesh(Host& host, DataRate rate) {
  return std::make_unique<PullMesh>(host, rate);
}

}  // namespace swarmcast::sim
