#include "engine/overlay/overlay.h"

#include <algorithm>
#include <cmath>

namespace swarmcast::overlay {

namespace body = wire::body;

Overlay::Overlay(const OverlayOptions& options)
    : ctx_{.options = options}, children_(ctx_), parents_(ctx_) {
  ctx_.position.attached = options.root;
}

void Overlay::start(Instant now) {
  announced_at_ = now;
  report_at_ = now + kReportInterval;
  parents_.start(now);
}

bool Overlay::on_link_ready(Instant now, LinkId link, const PeerId& peer, const Endpoint& remote,
                            bool ours, const std::optional<Fingerprint>& dialled_fingerprint,
                            bool signalled) {
  if (peer == ctx_.options.self) return false;
  Neighbour n{.link = link,
              .peer = peer,
              .remote = remote,
              .ours = ours,
              .signalled = signalled,
              .idle_since = now};
  if (dialled_fingerprint) n.contact = Contact{peer, remote, *dialled_fingerprint};
  Neighbour* added = ctx_.neighbours.add(std::move(n));
  if (!added) return false;
  ctx_.relation_changed(*added);
  if (ours) parents_.on_ready(now, *added);
  return true;
}

void Overlay::on_link_moved(LinkId from, LinkId to) {
  Neighbour* n = ctx_.neighbours.find(from);
  if (!n) return;
  n->link = to;
  parents_.on_link_moved(from, to);
  if (reported_to_ == from) reported_to_ = to;
}

void Overlay::on_link_down(Instant now, LinkId link) {
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

void Overlay::on_body(Instant now, LinkId link, const wire::Body& message) {
  Neighbour* from = ctx_.neighbours.find(link);
  if (!from) return;
  if (const auto* b = std::get_if<body::Subscribe>(&message))
    children_.on_subscribe(now, *from, *b);
  if (const auto* b = std::get_if<body::Record>(&message)) {
    if (!from->contact) from->contact = Contact{.peer = from->peer};
    from->contact->record = b->record;
  }
  if (std::get_if<body::Unsubscribe>(&message)) children_.on_unsubscribe(now, *from);
  if (const auto* b = std::get_if<body::Report>(&message)) children_.on_report(*from, *b);
  if (const auto* b = std::get_if<body::Accept>(&message)) parents_.on_accept(now, *from, *b);
  if (const auto* b = std::get_if<body::Refer>(&message)) parents_.on_refer(now, *from, *b);
  if (const auto* b = std::get_if<body::State>(&message)) parents_.on_state(now, *from, *b);
  if (const auto* b = std::get_if<body::Contacts>(&message)) parents_.on_contacts(now, *from, *b);
  if (std::get_if<body::Leave>(&message)) {
    ctx_.act(Drop{link});
    on_link_down(now, link);
    return;
  }
  after_change(now);
}

void Overlay::on_entry_record(Instant now, const PeerRecord& record) {
  parents_.on_entry_record(now, record);
}

void Overlay::set_parent_loss(double loss) {
  parent_loss_ = static_cast<uint8_t>(std::lround(std::clamp(loss, 0.0, 1.0) * 255));
}

void Overlay::set_playout(Duration delay) {
  ctx_.playout_ms = static_cast<uint16_t>(std::clamp<int64_t>(delay.ms(), 0, UINT16_MAX));
}

Duration Overlay::subtree_delay() const {
  return Duration::millis(children_.report(parent_loss_).delay_ms);
}

void Overlay::on_parent_sheds(Instant now, bool sheds, bool here) {
  ctx_.shed = sheds;
  parents_.on_shed(now, here);
}

double Overlay::subtree_shed() const {
  const body::Report r = children_.report(parent_loss_);
  return r.witnesses == 0 ? 0 : static_cast<double>(r.shed) / r.witnesses;
}

double Overlay::subtree_loss() const {
  const body::Report r = children_.report(parent_loss_);
  // The root itself has no link above it: its share is taken out of the mean.
  if (!ctx_.options.root) return r.loss / 255.0;
  return r.peers > 1 ? r.loss / 255.0 * r.peers / (r.peers - 1) : 0;
}

// Our place or our subtree may have changed: tell those below and above.
void Overlay::after_change(Instant now) {
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

void Overlay::announce(Instant now, bool standbys_too) {
  announced_ = ctx_.position;
  announced_at_ = now;
  announce_at_ = Instant::never();
  children_.announce(standbys_too);
  children_.send_contacts();
}

void Overlay::send_report(Instant now) {
  report_at_ = now + kReportInterval;
  reported_at_ = now;
  reported_to_ = parents_.parent();
  if (!reported_to_) return;
  reported_ = children_.report(parent_loss_);
  ctx_.say(*reported_to_, reported_);
}

// A neighbour without any relation is kept for a moment, so that the last words arrive.
void Overlay::drop_idle(Instant now) {
  using Up = Neighbour::Up;
  using Down = Neighbour::Down;
  std::vector<LinkId> idle;
  for (const Neighbour& n : ctx_.neighbours) {
    const Duration ours = parents_.needs_steps() ? kStepTime : kLingerTime;
    const Duration patience = n.ours ? ours : kInboundIdleTime;
    if (n.up == Up::kNone && n.down == Down::kNone && n.idle_since + patience <= now)
      idle.push_back(n.link);
  }
  for (LinkId link : idle) {
    ctx_.act(Drop{link});
    ctx_.neighbours.remove(link);
  }
}

void Overlay::on_timeout(Instant now) {
  parents_.on_timeout(now);
  after_change(now);
  if (report_at_ <= now) {
    send_report(now);
    drop_idle(now);
  }
  if (announced_at_ + kReportInterval <= now) {
    announce(now, true);
  } else if (announce_at_ <= now) {
    announce(now, false);
  }
}

Instant Overlay::next_timeout() const {
  return std::min(
      {report_at_, announce_at_, announced_at_ + kReportInterval, parents_.next_timeout()});
}

std::optional<Action> Overlay::poll() {
  if (ctx_.actions.empty()) return std::nullopt;
  Action out = std::move(ctx_.actions.front());
  ctx_.actions.pop_front();
  return out;
}

}  // namespace swarmcast::overlay
