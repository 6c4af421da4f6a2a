// The overlay, version 1: join through an entry, a relay tree of depth <= 7, one warm backup
// parent, replacement of a lost parent (spec/overlay.md). It decides; the node acts.
#pragma once

#include <optional>

#include "engine/overlay/children.h"
#include "engine/overlay/context.h"
#include "engine/overlay/parents.h"

namespace swarmcast::overlay {

class Overlay {
 public:
  explicit Overlay(const OverlayOptions& options);

  void start(Instant now);

  // A link is up and its peer has proven who it is. False: no room, drop it.
  bool on_link_ready(Instant now, LinkId link, const PeerId& peer, const Endpoint& remote,
                     bool ours, const std::optional<Fingerprint>& dialled_fingerprint,
                     bool signalled = false);
  // A path has brought the entry's record: it can be knocked.
  void on_entry_record(Instant now, const PeerRecord& record);
  // The neighbour on link `from` is now on `to`: nothing else has changed.
  void on_link_moved(LinkId from, LinkId to);
  // A link is gone, or a dial of ours failed.
  void on_link_down(Instant now, LinkId link);
  // A body that concerns the tree; others are ignored.
  void on_body(Instant now, LinkId link, const wire::Body& body);
  void on_parent_silent(Instant now, LinkId link) { parents_.on_silent(now, link); }
  void on_parent_speaks(LinkId link) { parents_.on_speaks(link); }

  void set_own_endpoint(const Endpoint& endpoint) { ctx_.own_endpoint = endpoint; }
  void set_next_frame(FrameNumber next) { ctx_.next_frame = next; }
  // Share of our parent's messages lost on the way, 0..1.
  void set_parent_loss(double loss);
  // Our parent does not send us all layers; `here`: as the link between us is too slow.
  void on_parent_sheds(Instant now, bool sheds, bool here);
  // Of the witnesses below us (and us), the share that does not get all layers, 0..1.
  double subtree_shed() const;
  // A viewer's own playout delay.
  void set_playout(Duration delay);

  void on_timeout(Instant now);
  Instant next_timeout() const;
  std::optional<Action> poll();

  const Position& position() const { return ctx_.position; }
  std::optional<LinkId> parent() const { return parents_.parent(); }
  bool has_backup() const { return parents_.has_backup(); }
  const Neighbours& neighbours() const { return ctx_.neighbours; }
  // Mean loss over all links of the tree below (and above) us, 0..1.
  double subtree_loss() const;
  // Levels of peers below us.
  uint8_t height() const { return ctx_.neighbours.levels_below(); }
  // The longest playout delay of a witness in our subtree, ourselves included.
  Duration subtree_delay() const;

 private:
  void after_change(Instant now);
  void announce(Instant now, bool standbys_too);
  void send_report(Instant now);
  void drop_idle(Instant now);

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
