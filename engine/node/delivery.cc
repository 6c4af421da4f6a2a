// Parents that speak and do not deliver: somebody else is looked for (spec/overlay.md).
#include "engine/node/node.h"

namespace swarmcast::node {

void Node::watch_delivery(Instant now) {
  if (is_source() || ending_ || !trust_.known() || !options_.safeguards.leave) return;
  for (uint8_t i = 0; i < kStripes; ++i) {
    const StripeId stripe(i);
    const auto parent = overlay_.tree(stripe).parent();
    const PeerLink* link = parent ? find(*parent) : nullptr;
    if (!link || link->silent || !is_owed(now, *link, stripe)) continue;
    if (deliveries_[i].complain(now)) overlay_.on_parent_withholds(now, *parent, stripe);
  }
}

// Whether this parent, by now, should have sent more of the stripe.
bool Node::is_owed(Instant now, const PeerLink& parent, StripeId stripe) const {
  const DeliveryWatch& watch = deliveries_[stripe.value()];
  const auto& position = overlay_.tree(stripe).position();
  // Where it says itself that it has less, or no room for it, others hardly have more: the overlay
  // looks for a better place, without haste.
  if (!position.attached || parent.shed[stripe.value()].level > 0) return false;
  const StreamDescription& stream = trust_.description();
  const Duration interval = stream.fps > 0 ? Duration::seconds(1) / stream.fps : Duration();
  const Duration patience = DeliveryWatch::patience(position.depth, interval);
  return watch.is_dry(now, patience) || tally(now, patience, watch, stripe).is_poor();
}

// Of the pictures that should be here by now. What nothing came of is not known to have been due.
DeliveryWatch::Tally Node::tally(Instant now, Duration patience, const DeliveryWatch& watch,
                                 StripeId stripe) const {
  const auto time = stream_time(now);
  if (!time) return {};
  const StreamTime until = *time - patience;
  const StreamTime from = until - DeliveryWatch::kJudged;
  const StreamTime ours = *time - (now - watch.since());
  DeliveryWatch::Tally out{.whole = ours <= from};
  for (const repair::FrameState& frame : store_.frames_from(kAudioTrack, FrameNumber(0)))
    out.sound |= frame.header.capture >= from;
  for (const repair::FrameState& frame : store_.frames_from(kVideoTrack, FrameNumber(0))) {
    const FrameHeader& h = frame.header;
    if (h.capture < std::max(from, ours) || h.capture >= until) continue;
    ++out.frames;
    out.complete += frame.complete;
    unsigned missing = 0;
    for (uint8_t i = 0; i < h.total(); ++i) {
      if (stripe_of({h.id, i}) != stripe) continue;
      ++out.pieces;
      missing += !frame.complete && !frame.have.test(i);
    }
    out.missing += missing;
    out.lacking += missing > 0;
  }
  return out;
}

}  // namespace swarmcast::node
