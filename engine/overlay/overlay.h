// The overlay: a relay tree of depth <= 7 for each stripe, with a warm backup parent in each
// (spec/overlay.md). It decides; the node acts.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/overlay/tree.h"

namespace swarmcast::overlay {

// Where we stand, over all stripes.
struct Standing {
  bool attached = false;   // in all of them
  uint8_t depth = 0;       // in the deepest
  uint32_t witnesses = 0;  // in the whole swarm
};

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
  // A body that concerns the trees; others are ignored.
  void on_body(Instant now, LinkId link, const wire::Body& body);
  void on_parent_silent(Instant now, LinkId link);
  void on_parent_speaks(LinkId link);

  // In this stripe it does not send what a parent should.
  void on_parent_withholds(Instant now, LinkId link, StripeId stripe);
  // It sends what the source never said. Its link is about to go.
  void on_forger(Instant now, LinkId link);

  void set_own_endpoint(const Endpoint& endpoint) { shared_.own_endpoint = endpoint; }
  void set_next_frame(FrameNumber next) { shared_.next_frame = next; }
  // Share of the messages lost on the way from this parent, 0..1.
  void set_parent_loss(LinkId link, double loss);
  // This parent does not send us all layers of a stripe; `here`: as the link between us is too
  // slow.
  void on_parent_sheds(Instant now, LinkId link, StripeId stripe, bool sheds, bool here);
  // So many children are fed from now on; those beyond are sent elsewhere.
  void set_places(Instant now, size_t places);
  // A viewer's own playout delay.
  void set_playout(Duration delay);

  void on_timeout(Instant now);
  Instant next_timeout() const;
  std::optional<Action> poll();

  Standing standing() const;
  // In how many stripes this neighbour is our parent.
  size_t stripes_from(LinkId link) const;
  bool is_parent(LinkId link) const { return stripes_from(link) > 0; }
  // The source itself is a parent on this link.
  bool is_from_source(LinkId link) const;
  // Any parent, the one of the first stripe that has one.
  std::optional<LinkId> any_parent() const;
  // What this child knows of its subtree, in any stripe.
  std::optional<wire::body::Report> report_of(LinkId child) const;
  // Of our subtrees, ourselves included: the share of witnesses that does not get all layers, the
  // mean loss over all links, the longest playout delay, and the levels of peers below us.
  double subtree_shed() const;
  double subtree_loss() const;
  Duration subtree_delay() const;
  uint8_t height() const;

  const Tree& tree(StripeId stripe = StripeId(0)) const { return *trees_[stripe.value()]; }

 private:
  // Trees do not know of each other: what one has given up, the others have to be told.
  void settle(Instant now);
  void follow_size();
  void drop_idle(Instant now);
  bool is_fatal(Failure why) const;
  LinkDirection direction(LinkId link) const;
  template <typename Do>
  void each(Do&& act) {
    for (const auto& tree : trees_) act(*tree);
  }

  Shared shared_;
  std::vector<std::unique_ptr<Tree>> trees_;
  std::vector<LinkId> links_;  // of proven neighbours
  Instant idle_at_;            // look for those that are nothing to us
  bool complete_ = false;      // all stripes once had a parent
  bool failed_ = false;
};

}  // namespace swarmcast::overlay
