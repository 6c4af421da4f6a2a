// The table of proven neighbours, shared by the two halves of the overlay.
#pragma once

#include <deque>
#include <optional>

#include "engine/base/contact.h"
#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/overlay/action.h"

namespace swarmcast::overlay {

struct Neighbour {
  enum class Up { kNone, kAsked, kAskedStandby, kParent, kStandby };
  enum class Down { kNone, kChild, kStandby };

  LinkId link;
  PeerId peer;
  Endpoint remote;
  bool ours = false;               // we dialled or called it
  bool signalled = false;          // its packets come from an address made for this link
  std::optional<Contact> contact;  // how others (or we again) can reach it, if they can
  Up up = Up::kNone;
  Down down = Down::kNone;
  bool guest = false;                        // a child beyond our capacity
  wire::body::ContactList contacts_told{};   // to it, as our child
  uint8_t places = 0;                        // for children of its own, as it said
  Instant idle_since;                        // no relation since
  std::optional<wire::body::State> state;    // its own, if it is (or may be) above us
  std::optional<wire::body::Report> report;  // of its subtree, if it is our child

  LinkDirection direction() const;
};

class Neighbours {
 public:
  Neighbour* find(LinkId link);
  // By identity or address; nullptr if there is none.
  Neighbour* find(const Contact& contact);
  bool is_child(const PeerId& peer) const;
  // nullptr if the table is full (kMaxLinks).
  Neighbour* add(Neighbour n);
  void remove(LinkId link);

  std::deque<Neighbour>::iterator begin() { return all_.begin(); }
  std::deque<Neighbour>::iterator end() { return all_.end(); }
  std::deque<Neighbour>::const_iterator begin() const { return all_.begin(); }
  std::deque<Neighbour>::const_iterator end() const { return all_.end(); }
  size_t size() const { return all_.size(); }
  size_t count(Neighbour::Down down) const;
  // Levels of peers in our subtree below us: 0 for a leaf; at most kMaxDepth.
  uint8_t levels_below() const;

 private:
  std::deque<Neighbour> all_;  // large, and they stay where they are while others are added
};

}  // namespace swarmcast::overlay
