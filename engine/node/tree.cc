// The overlay decides; here its decisions become links, messages and feeds.
#include "engine/node/node.h"

namespace swarmcast::node {

void Node::carry_out_overlay(Instant now) {
  while (const auto action = overlay_.poll())
    std::visit([&](const auto& a) { carry_out(now, a); }, *action);
}

void Node::carry_out(Instant now, const overlay::Dial& a) {
  PeerLink& link = add_link(now, a.link);
  link.ours = true;
  link.remote = a.contact.endpoint;
  link.dialled_fingerprint = a.contact.fingerprint;
  if (a.contact.peer != PeerId{}) link.expected = a.contact.peer;
  emit(output::OpenLink{a.link, a.contact});
  emit(output::LinkChanged{.link = a.link,
                           .peer = a.contact.peer,
                           .remote = a.contact.endpoint,
                           .state = output::LinkState::kConnecting});
}

void Node::carry_out(Instant now, const overlay::Drop& a) {
  if (PeerLink* link = find(a.link)) {
    serve_control(now, *link);  // the last words
    emit(output::CloseLink{a.link});
  }
  remove_link(a.link);
}

void Node::carry_out(Instant, const overlay::Say& a) {
  if (PeerLink* link = find(a.link)) say(*link, a.body);
}

void Node::carry_out(Instant now, const overlay::Feed& a) {
  PeerLink* link = find(a.child);
  if (!link || !options_.safeguards.relay) return;
  feed(now, *link, a);
}

void Node::carry_out(Instant, const overlay::StopFeed& a) {
  if (PeerLink* link = find(a.child)) stop_feeding(*link, a.stripe);
}

void Node::carry_out(Instant now, const overlay::ParentChanged& a) {
  PeerLink* link = a.parent ? find(*a.parent) : nullptr;
  if (!link) return;
  link->shed[a.stripe.value()] = {};
  deliveries_[a.stripe.value()].begin(now);
  if (overlay_.stripes_from(link->id) > 1) return;  // it was a parent before
  link->silent = false;
  link->liveness = link::LivenessDetector(now);
  link->dirty = true;
}

void Node::carry_out(Instant, const overlay::RelationChanged& a) {
  PeerLink* link = find(a.link);
  if (!link || link->direction == a.direction) return;
  link->direction = a.direction;
  emit(output::LinkChanged{.link = a.link,
                           .peer = link->peer,
                           .remote = link->remote,
                           .direction = a.direction,
                           .state = output::LinkState::kUp,
                           .rtt = link->rtt.smoothed()});
}

void Node::carry_out(Instant now, const overlay::Failed& a) {
  using enum output::EndReason;
  switch (a.why) {
    case overlay::Failure::kEntryUnreachable:
      return end(now, kEntryUnreachable);
    case overlay::Failure::kSwarmFull:
      return end(now, kSwarmFull);
    case overlay::Failure::kSourceLost:
      return end(now, kSourceLost);
  }
}

}  // namespace swarmcast::node
