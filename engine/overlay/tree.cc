#include "engine/overlay/tree.h"

#include <algorithm>
#include <cmath>

namespace swarmcast::overlay {

namespace body = wire::body;

Tree::Tree(Shared& shared, StripeId stripe)
    : ctx_{.shared = shared, .stripe = stripe, .options = shared.options},
      children_(ctx_),
      parents_(ctx_) {
  ctx_.position.attached = ctx_.options.root;
}

void Tree::start(Instant now) {
  announced_at_ = now;
  report_at_ = now + kReportInterval;
  parents_.start(now);
}

bool Tree::on_link_ready(Instant now, const Neighbour& neighbour) {
  Neighbour* added = ctx_.neighbours.add(neighbour);
  if (!added) return false;
  if (added->ours) parents_.on_ready(now, *added);
  return true;
}

void Tree::on_link_moved(LinkId from, LinkId to) {
  Neighbour* n = ctx_.neighbours.find(from);
  if (!n) return;
  n->link = to;
  parents_.on_link_moved(from, to);
  if (reported_to_ == from) reported_to_ = to;
}

void Tree::on_link_down(Instant now, LinkId link) {
  Neighbour* n = ctx_.neighbours.find(link);
  if (!n) {
    parents_.on_dial_failed(now, link);
  } else {
    Neighbour gone = *n;
    children_.on_gone(now, *n);
    ctx_.neighbours.remove(link);
    parents_.on_gone(now, gone);
  }
  after_change(now);
}

void Tree::on_body(Instant now, LinkId link, const wire::Body& message) {
  Neighbour* from = ctx_.neighbours.find(link);
  if (!from) return;
  if (const auto* b = std::get_if<body::Subscribe>(&message))
    children_.on_subscribe(now, *from, *b);
  if (std::get_if<body::Unsubscribe>(&message)) children_.on_unsubscribe(now, *from);
  if (const auto* b = std::get_if<body::Report>(&message)) children_.on_report(*from, *b);
  if (const auto* b = std::get_if<body::Accept>(&message)) parents_.on_accept(now, *from, *b);
  if (const auto* b = std::get_if<body::Refer>(&message)) parents_.on_refer(now, *from, *b);
  if (const auto* b = std::get_if<body::State>(&message)) parents_.on_state(now, *from, *b);
  if (const auto* b = std::get_if<body::Contacts>(&message)) parents_.on_contacts(now, *from, *b);
  after_change(now);
}

void Tree::on_entry_record(Instant now, const PeerRecord& record) {
  parents_.on_entry_record(now, record);
}

void Tree::on_record(LinkId link, const PeerRecord& record) {
  Neighbour* from = ctx_.neighbours.find(link);
  if (!from) return;
  if (!from->contact) from->contact = Contact{.peer = from->peer};
  from->contact->record = record;
}

void Tree::set_parent_loss(LinkId link, double loss) {
  if (parents_.parent() != link) return;
  parent_loss_ = static_cast<uint8_t>(std::lround(std::clamp(loss, 0.0, 1.0) * 255));
}

void Tree::on_parent_sheds(Instant now, LinkId link, bool sheds, bool here) {
  if (parents_.parent() != link) return;
  ctx_.shed = sheds;
  parents_.on_shed(now, here);
}

double Tree::subtree_loss() const { return children_.report(parent_loss_).loss / 255.0; }

// Our place or our subtree may have changed: tell those below and above.
void Tree::after_change(Instant now) {
  Position& p = ctx_.position;
  const body::Report report = children_.report(parent_loss_);
  if (ctx_.options.root) p.swarm_witnesses = report.witnesses;
  const bool moved =
      p.attached != announced_.attached || p.depth != announced_.depth || p.path != announced_.path;
  if (moved)
    announce(now, true);
  else if (p.swarm_witnesses != announced_.swarm_witnesses)
    announce_at_ = std::min(announce_at_, std::max(now, announced_at_ + kWitnessMinGap));

  const bool news = report.witnesses != reported_.witnesses || report.peers != reported_.peers ||
                    report.height != reported_.height || report.shed != reported_.shed ||
                    report.count != reported_.count || report.openings != reported_.openings;
  if (parents_.parent() && (news || parents_.parent() != reported_to_))
    report_at_ = std::min(report_at_, std::max(now, reported_at_ + kReportMinGap));
}

void Tree::announce(Instant now, bool standbys_too) {
  announced_ = ctx_.position;
  announced_at_ = now;
  announce_at_ = Instant::never();
  children_.announce(standbys_too);
  children_.send_contacts();
}

void Tree::send_report(Instant now) {
  report_at_ = now + kReportInterval;
  reported_at_ = now;
  reported_to_ = parents_.parent();
  if (!reported_to_) return;
  reported_ = children_.report(parent_loss_);
  ctx_.say(*reported_to_, reported_);
}

Instant Tree::idle_since(LinkId link) const {
  const auto n = std::ranges::find(ctx_.neighbours, link, &Neighbour::link);
  const bool something = n != ctx_.neighbours.end() &&
                         (n->up != Neighbour::Up::kNone || n->down != Neighbour::Down::kNone);
  if (something) return Instant::never();
  return n == ctx_.neighbours.end() ? Instant() : n->idle_since;
}

void Tree::on_places_changed(Instant now) {
  children_.fit_places(now);
  after_change(now);
}

void Tree::on_timeout(Instant now) {
  parents_.on_timeout(now);
  after_change(now);
  if (report_at_ <= now) {
    send_report(now);
  }
  if (announced_at_ + kReportInterval <= now) {
    announce(now, true);
  } else if (announce_at_ <= now) {
    announce(now, false);
  }
}

Instant Tree::next_timeout() const {
  return std::min(
      {report_at_, announce_at_, announced_at_ + kReportInterval, parents_.next_timeout()});
}

}  // namespace swarmcast::overlay
