// One stripe's tree, as seen from one peer: its parent, its children, what it tells them.
#pragma once

#include <optional>

#include "engine/overlay/children.h"
#include "engine/overlay/context.h"
#include "engine/overlay/parents.h"

namespace swarmcast::overlay {

class Tree {
 public:
  Tree(Shared& shared, StripeId stripe);
  Tree(const Tree&) = delete;  // its halves point at its context
  Tree& operator=(const Tree&) = delete;

  void start(Instant now);
  // False: no room.
  bool on_link_ready(Instant now, const Neighbour& neighbour);
  void on_link_moved(LinkId from, LinkId to);
  // A link is gone, or a dial of ours failed.
  void on_link_down(Instant now, LinkId link);
  void on_entry_record(Instant now, const PeerRecord& record);
  void on_record(LinkId link, const PeerRecord& record);
  // A body of this stripe.
  void on_body(Instant now, LinkId link, const wire::Body& body);
  void on_parent_silent(Instant now, LinkId link) { parents_.on_silent(now, link); }
  void on_parent_withholds(Instant now, LinkId link) { parents_.on_withheld(now, link); }
  void on_parent_speaks(LinkId link) { parents_.on_speaks(link); }
  // Of what concerns one link, what is not from our parent is ignored.
  void set_parent_loss(LinkId link, double loss);
  void on_parent_sheds(Instant now, LinkId link, bool sheds, bool here);

  // How many children we may have.
  void on_places_changed(Instant now);

  void on_timeout(Instant now);
  Instant next_timeout() const;
  // Forgets a neighbour that is nothing to us.
  void forget(LinkId link) { ctx_.neighbours.remove(link); }
  // Since when the neighbour has been nothing to us; never(): it is something.
  Instant idle_since(LinkId link) const;

  StripeId stripe() const { return ctx_.stripe; }
  const Position& position() const { return ctx_.position; }
  const Neighbours& neighbours() const { return ctx_.neighbours; }
  std::optional<LinkId> parent() const { return parents_.parent(); }
  bool has_backup() const { return parents_.has_backup(); }
  bool needs_steps() const { return parents_.needs_steps(); }
  std::optional<Failure> failed() const { return parents_.failed(); }
  void resume(Instant now) { parents_.resume(now); }

  // Of our subtree, ourselves included.
  wire::body::Report report() const { return children_.report(parent_loss_); }
  // Mean loss over all links of the tree below (and above) us, 0..1.
  double subtree_loss() const;

 private:
  void after_change(Instant now);
  void announce(Instant now, bool standbys_too);
  void send_report(Instant now);

  Context ctx_;
  Children children_;
  Parents parents_;
  Position announced_;
  Instant announced_at_;
  Instant announce_at_ = Instant::never();  // only the number of witnesses has changed
  wire::body::Report reported_;
  std::optional<LinkId> reported_to_;
  Instant reported_at_;
  Instant report_at_ = Instant::never();
  uint8_t parent_loss_ = 0;
};

}  // namespace swarmcast::overlay
