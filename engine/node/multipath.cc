// Two links to one neighbour that has several interfaces: fragments are spread over both, and one
// failing costs erasures, not the stream (spec/control.md, "ALSO_AT", "PATH"). The overlay knows
// only the first of them.
#include <algorithm>

#include "engine/node/node.h"

namespace swarmcast::node {

namespace body = wire::body;

namespace {

// Links that the overlay names count up from 1; these have a bit of their own.
constexpr uint32_t kPathBits = 0xc000'0000;
// Beyond a round trip, for a parent that speaks again to send what was missed.
constexpr Duration kResumption = Duration::millis(150);
// A fragment leaves the way whose turn it is for the other one if it would arrive this much later:
// more than Wi-Fi and a mobile network differ by, less than a queue takes to hurt.
constexpr Duration kTurnPatience = Duration::millis(40);
// Sent again at most, when a way falls silent: more is not under way within a round trip.
constexpr uint64_t kMaxSentAgain = 512;

}  // namespace

PeerLink* Node::any_parent() {
  const auto parent = overlay_.any_parent();
  return parent ? find(*parent) : nullptr;
}

PeerLink* Node::other_path(const PeerLink& link) {
  if (link.is_second()) return find(link.neighbour());
  const auto it = std::ranges::find_if(
      links_, [&](const auto& l) { return l->path.first == link.id && l->proven && !l->closing; });
  return it == links_.end() ? nullptr : it->get();
}

bool Node::is_parent(const PeerLink& link) const {
  return link.proven && overlay_.is_parent(link.neighbour());
}

// --- as the parent -----------------------------------------------------------------------------

void Node::tell_other_addresses(PeerLink& child) {
  body::AlsoAt told;
  for (const Endpoint& e : options_.other_addresses) {
    if (told.count == kMaxOtherAddresses) break;
    told.endpoints[told.count++] = e;
  }
  if (told.count > 0 && !child.ours) say(child, told);
}

// A known child's second link: a further path, or its new only one. Its first body tells.
bool Node::may_be_path(const PeerLink& link) const {
  return !link.ours && !options_.other_addresses.empty() &&
         std::ranges::any_of(links_, [&](const auto& l) {
           return l.get() != &link && l->is_child() && l->peer == link.peer;
         });
}

// True if the body has yet to be dealt with.
bool Node::decide(Instant now, PeerLink& link, const wire::Body& first) {
  link.path.undecided_until = Instant::never();
  const auto* path = std::get_if<body::Path>(&first);
  if (path && path->state == body::PathState::kAttach) {
    attach_path(now, link);
    return false;
  }
  join_overlay(now, link);
  return !link.closing;
}

void Node::attach_path(Instant now, PeerLink& link) {
  const auto it = std::ranges::find_if(
      links_, [&](const auto& l) { return l->is_child() && l->peer == link.peer; });
  if (it == links_.end() || other_path(**it)) return drop_link(now, link);
  link.path.first = (*it)->id;
  link.direction = LinkDirection::kChild;
  egress_.add_link(link.id);
  egress_.set_one_way_delay(link.id, link.rtt.smoothed() / 2);
  rate_.add_link(link.id);
  link.fed = true;
  tell_link_changed(link);
}

// By turns, unless one way is silent or has the longer queue.
PeerLink& Node::way_to(PeerLink& child, uint8_t index) {
  PeerLink* other = other_path(child);
  if (!other || !other->fed || other->path.told_silent || other->stalled) return child;
  if (child.path.told_silent || child.stalled) return *other;
  const bool first = index / kStripes % 2 == 0;  // also where it has one stripe only
  PeerLink& turn = first ? child : *other;
  PeerLink& rest = first ? *other : child;
  const auto wait = [&](const PeerLink& link) {
    return rate_.link_rate(link.id).time_to_send(
               static_cast<int64_t>(egress_.pending_bytes(link.id))) +
           link.rtt.smoothed() / 2;
  };
  return wait(turn) > wait(rest) + kTurnPatience ? rest : turn;
}

// What went into the silence from `next` on, and can still arrive in time, goes the other way.
void Node::send_again(Instant now, PeerLink& silent, PeerLink& other, uint16_t next) {
  const uint64_t end = silent.sent.next().value();
  uint64_t number = silent.sent.unwrap(next).value();
  if (end > kMaxSentAgain) number = std::max(number, end - kMaxSentAgain);
  SentAgain& sent_again = (silent.is_second() ? other : silent).path.sent_again;
  for (; number < end; ++number) {
    const auto fragment = silent.sent.lookup(LinkSequence(number));
    const repair::FrameState* frame = fragment ? store_.frame(fragment->frame) : nullptr;
    if (!frame || !sent_again.take(fragment->frame)) continue;
    const Instant deadline = local_time(now, frame->header.capture).value_or(now) + horizon();
    order(now, other, frame->header, fragment->index, deadline);
  }
  sent_again.end_round();
}

void Node::on_path(Instant now, PeerLink& link, const body::Path& path) {
  PeerLink* other = other_path(link);
  if (!link.fed || !other) {
    ++counts_.drops.unexpected;
    return;
  }
  if (path.state == body::PathState::kSpeaks) {
    link.path.told_silent = other->path.told_silent = false;
  } else if (path.state == body::PathState::kSilent && !other->path.told_silent) {
    other->path.told_silent = true;
    send_again(now, *other, link, path.next);
  }
}

// --- as the child ------------------------------------------------------------------------------

void Node::on_also_at(Instant now, PeerLink& link, const body::AlsoAt& also) {
  const bool parent = overlay_.is_parent(link.id) && link.ours && link.dialled_fingerprint;
  if (!parent) return;
  link.path.other_addresses.learn(also.list(), link.remote, now);
}

// Now and then: another way to our parent, if there is one; those who do not say what they are go.
void Node::tend_paths(Instant now) {
  for (const auto& link : links_)
    if (link->path.undecided_until <= now) drop_link(now, *link);
  open_path(now);
}

// One address at a time.
void Node::open_path(Instant now) {
  PeerLink* link = any_parent();
  if (!link || links_.size() >= kMaxLinks || ending_) return;
  OtherAddresses& addresses = link->path.other_addresses;
  if (!addresses.is_due(now)) return;
  const bool under_way =
      std::ranges::any_of(links_, [&](const auto& l) { return l->path.first == link->id; });
  addresses.wait(now);
  if (under_way) return;
  const Contact contact{.peer = link->peer,
                        .endpoint = addresses.at_turn(paths_),
                        .fingerprint = *link->dialled_fingerprint};
  const LinkId first = link->id;
  PeerLink& second = add_link(now, LinkId(kPathBits | ++paths_));
  second.ours = true;
  second.path.first = first;
  second.remote = contact.endpoint;
  second.dialled_fingerprint = contact.fingerprint;
  second.expected = contact.peer;
  second.direction = LinkDirection::kParent;
  emit(output::OpenLink{second.id, contact});
}

void Node::on_path_silent(Instant now, PeerLink& link) {
  PeerLink* other = other_path(link);
  if (other && !other->silent) {
    const auto next = static_cast<uint16_t>(link.gaps.expected().value());
    return say(*other, body::Path{body::PathState::kSilent, next});
  }
  overlay_.on_parent_silent(now, link.neighbour());
}

void Node::on_path_speaks(Instant now, PeerLink& link) {
  link.silent = false;
  link.ping_at = now;  // a parent that stopped for want of feedback goes on when it hears us
  link.dirty = true;
  no_key_before_ = now + link.rtt.smoothed() + kResumption;
  PeerLink* other = other_path(link);
  if (other) say(link, body::Path{body::PathState::kSpeaks});
  if (!other || other->silent) overlay_.on_parent_speaks(link.neighbour());
}

// --- both --------------------------------------------------------------------------------------

// A path that ends leaves the other; a first link that ends hands its place to the second. True if
// that is all there is to do.
bool Node::path_ended(Instant now, PeerLink& gone) {
  if (gone.is_second()) {
    if (PeerLink* first = find(gone.neighbour())) {
      first->path.other_addresses.wait(now);
      first->path.told_silent = false;
    }
    return true;
  }
  PeerLink* heir = other_path(gone);
  if (!heir) return false;
  heir->path.succeed(std::move(gone.path), gone.remote, heir->remote, now);
  heir->feeds = gone.feeds;
  overlay_.on_link_moved(gone.id, heir->id);
  signalling_.on_neighbour(heir->peer, heir->id);
  return true;
}

}  // namespace swarmcast::node
