// What the halves of a tree, and the trees, know and write to.
#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <vector>

#include "engine/base/contact.h"
#include "engine/base/stripes.h"
#include "engine/overlay/action.h"
#include "engine/overlay/dials.h"
#include "engine/overlay/limits.h"
#include "engine/overlay/neighbours.h"
#include "engine/overlay/places.h"
#include "engine/overlay/shunned.h"

namespace swarmcast::overlay {

struct OverlayOptions {
  PeerId self;
  bool root = false;     // the source: depth 0, needs no parent
  bool witness = false;  // a viewer with a screen
  bool dialable = true;
  bool parent_only = false;  // stay with the entry
  bool can_reach_gateways = false;
  size_t max_places = kDefaultMaxChildren * kStripes;  // children, counted once a stripe
  size_t stripes = kStripes;                           // 1..kMaxStripes
  Fingerprint fingerprint{};                           // of our listener
  std::optional<PeerRecord> record;                    // our own
  std::optional<Contact> entry;
};

// Our place in one stripe's tree.
struct Position {
  bool attached = false;
  uint8_t depth = 0;
  std::array<PeerId, kMaxDepth> path{};  // the peers above us, the root first; `depth` of them
  uint32_t swarm_witnesses = 0;          // as told from above, or counted at the root
};

// What all stripes have in common.
struct Shared {
  OverlayOptions options;
  Places places;
  Dials dials;
  Shunned shunned;
  std::optional<Endpoint> own_endpoint;  // as a neighbour observed it
  uint16_t playout_ms = 0;               // a witness's own playout delay
  FrameNumber next_frame;                // first video frame we still want
  std::deque<Action> actions;
  std::vector<LinkId> given_up;  // dials, of which the other trees have yet to hear
};

// One stripe.
struct Context {
  Shared& shared;
  StripeId stripe;
  OverlayOptions& options;
  Neighbours neighbours;
  Position position;
  bool shed = false;                    // our parent does not send us all layers
  std::vector<Contact> contacts_above;  // possible backups that are not below us, as told

  template <typename A>
  void act(A action) {
    shared.actions.emplace_back(std::move(action));
  }
  void say(LinkId link, wire::Body body) { act(Say{link, std::move(body)}); }
  void relation_changed(const Neighbour& n) { act(RelationChanged{n.link, n.direction()}); }

  // A dial or knock to the contact, one for all trees that want it.
  LinkId dial(const Contact& contact) {
    if (const auto under_way = shared.dials.find(contact, Dials::Kind::kDial)) return *under_way;
    act(Dial{shared.dials.add(contact, Dials::Kind::kDial), contact});
    return std::get<Dial>(shared.actions.back()).link;
  }
  LinkId knock(const Contact& contact) {
    if (const auto under_way = shared.dials.find(contact, Dials::Kind::kKnock)) return *under_way;
    act(Knock{shared.dials.add(contact, Dials::Kind::kKnock), contact});
    return std::get<Knock>(shared.actions.back()).link;
  }
  void give_up_dial(LinkId link) {
    if (!shared.dials.remove(link)) return;  // another tree was first
    act(Drop{link});
    shared.given_up.push_back(link);
  }

  // One path serves all trees, and all of them find out at the same moment that they need it.
  void want_entry_path() {
    const auto is_want = [](const Action& a) { return std::holds_alternative<WantEntryPath>(a); };
    if (std::ranges::none_of(shared.actions, is_want)) act(WantEntryPath{});
  }

  // How many children we may have here, those we have included.
  size_t places(bool in_vain = false) const { return shared.places.in(stripe, in_vain); }
  uint8_t places_told() const {
    return static_cast<uint8_t>(std::min<size_t>(places(), UINT8_MAX));
  }
  void count_children() {
    shared.places.set_used(stripe, neighbours.count(Neighbour::Down::kChild));
  }

  bool path_contains(const PeerId& peer) const {
    return std::find(position.path.begin(), position.path.begin() + position.depth, peer) !=
           position.path.begin() + position.depth;
  }
  wire::body::State state() const {
    return {.stripe = stripe,
            .attached = position.attached,
            .witnesses = position.swarm_witnesses,
            .depth = position.depth,
            .path = position.path};
  }
};

}  // namespace swarmcast::overlay
