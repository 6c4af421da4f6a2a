// The downward half: who gets the stream from us, who is sent elsewhere, what we know of subtrees.
#pragma once

#include "engine/overlay/context.h"

namespace swarmcast::overlay {

class Children {
 public:
  explicit Children(Context& context) : ctx_(context) {}

  void on_subscribe(Instant now, Neighbour& from, const wire::body::Subscribe& wish);
  void on_unsubscribe(Instant now, Neighbour& from) { end_relation(now, from); }
  void on_report(Neighbour& from, const wire::body::Report& report);
  // There may be fewer places than children now.
  void fit_places(Instant now);
  // The link is going away.
  void on_gone(Instant now, Neighbour& gone) { end_relation(now, gone); }

  // Tells children (and standbys) where we stand.
  void announce(bool standbys_too);
  // Tells children of possible backups, if that has changed since they were told.
  void send_contacts();

  // Of our whole subtree, ourselves included.
  wire::body::Report report(uint8_t own_loss) const;

 private:
  std::optional<wire::body::ReferReason> objection(const Neighbour& from, uint8_t height,
                                                   bool in_vain) const;
  uint8_t mean_loss(uint8_t own_loss) const;
  bool has_place() const;
  void accept(Instant now, Neighbour& child, const wire::body::Subscribe& wish, bool guest);
  void accept_standby(Instant now, Neighbour& peer);
  void refuse(Instant now, Neighbour& peer, wire::body::ReferReason reason);
  bool make_room(Instant now, const Neighbour& newcomer, const wire::body::Subscribe& wish);
  void end_relation(Instant now, Neighbour& n);
  void set_guest(Neighbour& child, bool guest);
  wire::body::ContactList contacts_for(const Neighbour& child, size_t turn) const;
  // Free places in the subtrees of our children, shallowest first; not those below `except`.
  std::vector<wire::body::Opening> openings_below(const Neighbour* except) const;

  Context& ctx_;
  size_t rotation_ = 0;  // spreads joiners over equal openings
};

}  // namespace swarmcast::overlay
