#include "sim/baselines/tree.h"

#include <algorithm>
#include <deque>
#include <numeric>

namespace swarmcast::sim {
namespace {

// A child costs the stream, its packets' headers and one repair in ten, and no room for anything
// else: its queue alone copes with key pictures.
constexpr double kChildCost = 1.2;

}  // namespace

std::unique_ptr<Peer> TreeDesign::make(NodeId node) {
  auto peer = make_peer(node);
  const double share =
      static_cast<double>(host_.uplink(node).bps()) / static_cast<double>(rate_.bps());
  places_.push_back({.peer = peer.get(), .slots = static_cast<size_t>(share / kChildCost)});
  return peer;
}

void TreeDesign::on_joined(NodeId node) {
  if (formed_)
    place_orphan(node);
  else
    build();
}

void TreeDesign::build() {
  std::vector<NodeId> order(places_.size() - 1);
  std::iota(order.begin(), order.end(), NodeId{1});
  std::ranges::stable_sort(order,
                           [&](NodeId a, NodeId b) { return host_.uplink(a) > host_.uplink(b); });
  std::vector<std::optional<NodeId>> parents(places_.size());
  std::deque<NodeId> open;
  const auto add_slots = [&](NodeId node) {
    for (size_t i = 0; i < places_[node].slots; ++i) open.push_back(node);
  };
  add_slots(0);
  for (const NodeId node : order) {
    if (open.empty()) break;
    parents[node] = open.front();
    open.pop_front();
    add_slots(node);
  }
  for (const NodeId node : order) {
    Place& place = places_[node];
    if (place.parent == parents[node]) continue;
    if (place.parent) {
      std::erase(places_[*place.parent].children, node);
      places_[*place.parent].peer->remove_child(node);
      place.parent.reset();
      place.peer->set_parent(std::nullopt, 0);
    }
  }
  for (const NodeId node : order)
    if (parents[node] && !places_[node].parent) attach(node, *parents[node]);
  set_hops(0, 0);
}

void TreeDesign::attach(NodeId child, NodeId parent) {
  places_[child].parent = parent;
  places_[parent].children.push_back(child);
  places_[child].peer->set_parent(parent, places_[parent].hop + 1);
  places_[parent].peer->add_child(child);
}

void TreeDesign::set_hops(NodeId node, int hop) {
  Place& place = places_[node];
  place.hop = hop;
  if (place.peer) place.peer->set_parent(place.parent, hop);
  for (const NodeId child : place.children) set_hops(child, hop + 1);
}

void TreeDesign::on_vanished(NodeId node) {
  formed_ = true;
  Place& gone = places_[node];
  gone.peer = nullptr;
  gone.slots = 0;
  if (gone.parent) {
    std::erase(places_[*gone.parent].children, node);
    if (places_[*gone.parent].peer) places_[*gone.parent].peer->remove_child(node);
    gone.parent.reset();
  }
  std::vector<NodeId> orphans;
  orphans.swap(gone.children);
  // Those who can take children themselves first; then all who have found no place before.
  std::ranges::stable_sort(orphans,
                           [&](NodeId a, NodeId b) { return places_[a].slots > places_[b].slots; });
  for (const NodeId orphan : orphans) {
    places_[orphan].parent.reset();
    places_[orphan].peer->set_parent(std::nullopt, 0);
  }
  for (const NodeId orphan : orphans)
    if (places_[orphan].peer) place_orphan(orphan);
  for (NodeId other = 1; other < places_.size(); ++other)
    if (places_[other].peer && !places_[other].parent) place_orphan(other);
}

// Breadth first from the source: so it is never placed below itself.
bool TreeDesign::place_orphan(NodeId orphan) {
  std::deque<NodeId> level = {0};
  while (!level.empty()) {
    const NodeId at = level.front();
    level.pop_front();
    if (places_[at].peer && places_[at].children.size() < places_[at].slots) {
      attach(orphan, at);
      set_hops(orphan, places_[at].hop + 1);
      return true;
    }
    level.insert(level.end(), places_[at].children.begin(), places_[at].children.end());
  }
  return false;
}

// --- peers

void TreePeer::set_parent(std::optional<NodeId> parent, int hop) {
  if (parent_ && parent_ != parent) on_neighbour_gone(*parent_);
  parent_ = parent;
  hop_ = hop;
}

void TreePeer::add_child(NodeId child) {
  children_.push_back(child);
  const Stream& stream = host_.stream();
  for (uint32_t frame = static_cast<uint32_t>(stream.size()); frame-- > 0;) {
    if (stream[frame].deadline <= host_.now()) break;
    for (uint16_t i = 0; i < stream[frame].fragments; ++i) {
      const FragmentKey key{frame, i};
      if (host_.store(self_).has(key) && !host_.store(child).has(key)) push(child, key);
    }
  }
}

void TreePeer::remove_child(NodeId child) {
  std::erase(children_, child);
  on_neighbour_gone(child);
}

void TreePeer::on_captured(uint32_t frame) {
  for (uint16_t i = 0; i < host_.stream()[frame].fragments; ++i)
    for (const NodeId child : children_) push(child, {frame, i});
}

void TreePeer::take(const Message& message) {
  if (!host_.store(self_).add(message.fragment, host_.now(), message.hops)) return;
  for (const NodeId child : children_) push(child, message.fragment);
}

void TreePeer::push(NodeId child, FragmentKey key, Cause cause) {
  Message message = fragment_message(host_.stream(), key, cause);
  message.numbered = true;
  host_.send(self_, child, std::move(message),
             cause == Cause::kRepair ? Urgency::kRepair : Urgency::kMedia,
             host_.stream()[key.frame].deadline);
}

// Numbers are given when a packet leaves, so that what was left out makes no gap.
bool TreePeer::on_leaving(NodeId to, Message& message) {
  if (!message.numbered) return true;
  if (std::ranges::find(children_, to) == children_.end()) return false;
  number(to, message);
  return true;
}

}  // namespace swarmcast::sim
