// One tree of whole streams, placed by somebody who knows every uplink, and its peers' common part.
#pragma once

#include <optional>
#include <vector>

#include "sim/baselines/peer.h"

namespace swarmcast::sim {

class TreePeer;

// The fattest uplinks first, each as high as there is a place. While the swarm forms, the whole
// tree is built anew at every join; from then on only those who lost their parent are placed, the
// highest free place first. Whoever finds no place has no picture.
class TreeDesign : public Design {
 public:
  explicit TreeDesign(Host& host, DataRate rate) : host_(host), rate_(rate) {}

  std::unique_ptr<Peer> make(NodeId node) final;
  void on_joined(NodeId node) final;
  void on_vanished(NodeId node) final;

 protected:
  virtual std::unique_ptr<TreePeer> make_peer(NodeId node) = 0;
  Host& host() { return host_; }

 private:
  struct Place {
    TreePeer* peer = nullptr;  // vanished: none
    size_t slots = 0;
    std::optional<NodeId> parent;
    std::vector<NodeId> children;
    int hop = 0;
  };
  void build();
  void attach(NodeId child, NodeId parent);
  bool place_orphan(NodeId orphan);
  void set_hops(NodeId node, int hop);

  Host& host_;
  DataRate rate_;
  std::vector<Place> places_;
  bool formed_ = false;  // somebody has vanished: nothing is rearranged any more
};

// Forwards at once, fragment by fragment. How losses are repaired is up to who inherits.
class TreePeer : public Peer {
 public:
  TreePeer(Host& host, NodeId self) : host_(host), self_(self) {}

  // Of the same tree. The new child gets at once what it lacks of the frames that are not due yet.
  void add_child(NodeId child);
  void remove_child(NodeId child);
  void set_parent(std::optional<NodeId> parent, int hop);

  void on_captured(uint32_t frame) final;
  bool on_leaving(NodeId to, Message& message) final;
  std::optional<NodeId> parent() const final { return parent_; }
  int hop() const final { return hop_; }

 protected:
  // A fragment came in. Forwards it if it is new.
  void take(const Message& message);
  void push(NodeId child, FragmentKey key, Cause cause = Cause::kPicture);
  // A fragment leaves for that child: gives it its number.
  virtual void number(NodeId to, Message& message) = 0;
  // A child or the parent is that no more.
  virtual void on_neighbour_gone(NodeId neighbour) = 0;

  Host& host_;
  NodeId self_;

 private:
  std::optional<NodeId> parent_;
  int hop_ = 0;
  std::vector<NodeId> children_;
};

}  // namespace swarmcast::sim
