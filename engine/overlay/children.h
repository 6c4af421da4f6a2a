// The downward half: who gets the stream from us, who is sent elsewhere, what we know of subtrees.
#pragma once

#include "engine/overlay/context.h"

namespace swarmcast::overlay {

class Children {
 public:
  explicit Children(Context& context) : ctx_(context) {}

  void on_subscribe(Instant now, Neighbour& from, const wire::body::Subscribe& wish);
  void on_unsubscribe(Instant now, Neighbour& from);
  void on_report(Neighbour& from, const wire::body::Report& report);
  // The link is going away.
  void on_gone(Neighbour& gone);

  // Tells every (standby) child where we stand; `contacts` too, so that they find backups.
  void announce();

  // Of our whole subtree, ourselves included.
  wire::body::Report report(uint8_t own_loss) const;
  bool has_place() const;

 private:
  void accept(Instant now, Neighbour& child, wire::body::Purpose purpose, FrameNumber from,
              bool guest);
  void accept_standby(Instant now, Neighbour& peer);
  void refuse(Neighbour& peer, wire::body::ReferReason reason);
  void send_contacts(const Neighbour& child);
  std::vector<wire::body::Opening> openings_below() const;

  Context& ctx_;
  size_t rotation_ = 0;  // spreads joiners over equal openings
};

}  // namespace swarmcast::overlay
