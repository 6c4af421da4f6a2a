// What both halves of the overlay know and write to.
#pragma once

#include <deque>
#include <optional>

#include "engine/base/contact.h"
#include "engine/overlay/action.h"
#include "engine/overlay/limits.h"
#include "engine/overlay/neighbours.h"

namespace swarmcast::overlay {

struct OverlayOptions {
  PeerId self;
  bool root = false;     // the source: depth 0, needs no parent
  bool witness = false;  // a viewer with a screen
  bool dialable = true;
  bool parent_only = false;  // stay with the entry
  bool can_reach_gateways = false;
  size_t max_children = kDefaultMaxChildren;
  Fingerprint fingerprint{};         // of our listener
  std::optional<PeerRecord> record;  // our own
  std::optional<Contact> entry;
};

// Our place in the tree.
struct Position {
  bool attached = false;
  uint8_t depth = 0;
  std::array<PeerId, kMaxDepth> path{};  // the peers above us, the root first; `depth` of them
  uint32_t swarm_witnesses = 0;          // as told from above, or counted at the root
};

struct Context {
  OverlayOptions options;
  Neighbours neighbours;
  Position position;
  std::optional<Endpoint> own_endpoint;  // as a neighbour observed it
  uint16_t playout_ms = 0;               // a witness's own playout delay
  bool shed = false;                     // our parent does not send us all layers
  FrameNumber next_frame;                // first video frame we still want
  std::vector<Contact> contacts_above;   // possible backups that are not below us, as told
  std::deque<Action> actions;

  template <typename A>
  void act(A action) {
    actions.emplace_back(std::move(action));
  }
  void say(LinkId link, wire::Body body) { act(Say{link, std::move(body)}); }
  void relation_changed(const Neighbour& n) { act(RelationChanged{n.link, n.direction()}); }

  bool path_contains(const PeerId& peer) const {
    return std::find(position.path.begin(), position.path.begin() + position.depth, peer) !=
           position.path.begin() + position.depth;
  }
  wire::body::State state() const {
    return {.attached = position.attached,
            .witnesses = position.swarm_witnesses,
            .depth = position.depth,
            .path = position.path};
  }
};

}  // namespace swarmcast::overlay
