// Links that nobody dials: what the signalling and the overlay want of each other and of the host.
#include "engine/crypto/peer_record.h"
#include "engine/node/node.h"

namespace swarmcast::node {

namespace action = signalling_action;

Signalling::Moment Node::moment(Instant now) const {
  return {.now = now,
          .stream = stream_time(now),
          .room_for_link = links_.size() < kMaxLinks && !ending_};
}

void Node::on(Instant now, const input::LocalDescription& in) {
  signalling_.on_local_description(moment(now), in.link, in.description);
}

void Node::on(Instant now, const input::SignalPathUp& in) {
  signalling_.on_path_up(now, in.path, in.to_entry);
}

void Node::on(Instant, const input::SignalPathDown& in) { signalling_.on_path_down(in.path); }

void Node::on(Instant now, const input::Signal& in) {
  signalling_.on_path_message(moment(now), in.path, in.bytes);
}

// It must be of the peer that has just proven itself.
void Node::on_record(Instant now, PeerLink& link, const wire::body::Record& record) {
  if (!crypto::check_record(crypto_, link.peer, record.record)) {
    ++counts_.drops.forged;
    if (++link.forgeries > kMaxForgeriesPerLink) drop_link(now, link);
    return;
  }
  overlay_.on_body(now, link.id, record);
}

void Node::carry_out(Instant now, const overlay::Knock& a) {
  signalling_.knock(moment(now), a.link, a.contact);
}

void Node::carry_out(Instant, const overlay::WantEntryPath&) {
  if (!signalling_.has_path_to_entry()) emit(output::NeedSignalPath{});
}

void Node::carry_out_signalling(Instant now) {
  while (const auto action = signalling_.poll()) {
    std::visit([&](const auto& a) { carry_out(now, a); }, *action);
    carry_out_overlay(now);
  }
}

void Node::carry_out(Instant, const action::Send& a) {
  if (a.to.external) {
    path_outbox_.push_back(a);
    return;
  }
  PeerLink* link = find(LinkId(a.to.id));
  const bool open = link && link->proven && !link->closing &&
                    link->control.queued_bytes() < overlay::kMaxSignalBacklog;
  if (!open) {
    ++counts_.signals.over_limit;
    return;
  }
  if (!link->control.send(a.bytes)) link->closing = true;
  link->dirty = true;
}

void Node::carry_out(Instant now, const action::Prepare& a) {
  PeerLink& link = add_link(now, a.link);
  link.ours = a.initiator;
  link.signalled = true;
  link.expected = a.peer;
  emit(output::PrepareLink{a.link, a.initiator, a.listener_certificate});
  emit(
      output::LinkChanged{.link = a.link, .peer = a.peer, .state = output::LinkState::kConnecting});
}

void Node::carry_out(Instant, const action::Describe& a) {
  emit(output::RemoteDescription{a.link, a.description});
}

void Node::carry_out(Instant now, const action::GiveUp& a) {
  if (find(a.link)) emit(output::CloseLink{a.link});
  remove_link(a.link);
  overlay_.on_link_down(now, a.link);
}

void Node::carry_out(Instant now, const action::EntryKnown& a) {
  overlay_.on_entry_record(now, a.record);
}

std::optional<Output> Node::next_path_message() {
  if (path_outbox_.empty()) return std::nullopt;
  const SignalPathId path(path_outbox_.front().to.id);
  path_message_ = std::move(path_outbox_.front().bytes);
  path_outbox_.pop_front();
  return Output(output::SendSignal{path, path_message_});
}

}  // namespace swarmcast::node
