#include "engine/overlay/children.h"

#include <algorithm>

namespace swarmcast::overlay {

using wire::body::ContactList;
using wire::body::Opening;
using wire::body::Purpose;
using wire::body::ReferReason;
using wire::body::Report;
using Down = Neighbour::Down;
using Up = Neighbour::Up;

bool Children::has_place() const {
  return ctx_.position.attached && ctx_.position.depth < kMaxDepth &&
         ctx_.neighbours.count(Down::kChild) < ctx_.options.max_children;
}

void Children::on_subscribe(Instant now, Neighbour& from, const wire::body::Subscribe& wish) {
  from.takes_children = wish.takes_children;
  if (wish.dialable) from.contact = Contact{from.peer, from.remote, wish.fingerprint};
  if (from.down == Down::kChild && wish.purpose != Purpose::kStandby) {
    accept(now, from, wish.purpose, wish.next_frame, from.guest);  // it lost our first answer
    return;
  }
  if (!ctx_.position.attached) return refuse(from, ReferReason::kOrphan);
  if (ctx_.position.depth >= kMaxDepth) return refuse(from, ReferReason::kTooDeep);
  if (ctx_.path_contains(from.peer)) return refuse(from, ReferReason::kLoop);

  const size_t children = ctx_.neighbours.count(Down::kChild);
  if (wish.purpose == Purpose::kStandby) {
    if (ctx_.options.max_children == 0 || ctx_.neighbours.count(Down::kStandby) >= kMaxStandbys)
      return refuse(from, ReferReason::kFull);
    return accept_standby(now, from);
  }
  if (children < ctx_.options.max_children)
    return accept(now, from, wish.purpose, wish.next_frame, false);
  const bool guest_place =
      ctx_.options.max_children > 0 && children < ctx_.options.max_children + kGuestPlaces;
  if (wish.purpose == Purpose::kFailover && from.down == Down::kStandby && guest_place)
    return accept(now, from, wish.purpose, wish.next_frame, true);
  refuse(from, ReferReason::kFull);
}

void Children::accept(Instant now, Neighbour& child, Purpose purpose, FrameNumber from,
                      bool guest) {
  child.down = Down::kChild;
  child.guest = guest;
  child.idle_since = now;
  ctx_.say(child.link, wire::body::Accept{StripeId(0), purpose, guest});
  ctx_.say(child.link, ctx_.state());
  ctx_.act(Feed{child.link, purpose, from});
  ctx_.relation_changed(child);
  send_contacts(child);
}

void Children::accept_standby(Instant now, Neighbour& peer) {
  if (peer.down == Down::kChild) ctx_.act(StopFeed{peer.link});
  peer.down = Down::kStandby;
  peer.report.reset();
  peer.idle_since = now;
  ctx_.say(peer.link, wire::body::Accept{StripeId(0), Purpose::kStandby, false});
  ctx_.say(peer.link, ctx_.state());
  ctx_.relation_changed(peer);
}

void Children::refuse(Neighbour& peer, ReferReason reason) {
  wire::body::Refer refer{reason, {}};
  std::vector<Opening> openings = openings_below();
  if (!openings.empty()) {
    std::ranges::rotate(openings,
                        openings.begin() + static_cast<long>(rotation_++ % openings.size()));
    std::ranges::stable_sort(openings, {}, &Opening::depth);
  }
  for (const Opening& o : openings) {
    if (o.contact.peer != peer.peer) refer.contacts.add(o.contact);
  }
  ctx_.say(peer.link, refer);
}

void Children::on_unsubscribe(Instant now, Neighbour& from) {
  if (from.down == Down::kChild) ctx_.act(StopFeed{from.link});
  if (from.down == Down::kNone) return;
  from.down = Down::kNone;
  from.guest = false;
  from.report.reset();
  from.idle_since = now;
  ctx_.relation_changed(from);
}

void Children::on_report(Neighbour& from, const Report& report) {
  if (from.down == Down::kChild) from.report = report;
}

void Children::on_gone(Neighbour& gone) {
  if (gone.down == Down::kChild) ctx_.act(StopFeed{gone.link});
  gone.down = Down::kNone;
}

void Children::announce() {
  for (Neighbour& n : ctx_.neighbours) {
    if (n.down == Down::kNone) continue;
    ctx_.say(n.link, ctx_.state());
    if (n.down == Down::kChild) send_contacts(n);
  }
}

// A guest needs a place; everybody else a backup from another branch: our parent first (it cannot
// be below the child), then the child's siblings.
void Children::send_contacts(const Neighbour& child) {
  ContactList list;
  if (child.guest) {
    for (const Opening& o : openings_below())
      if (o.contact.peer != child.peer) list.add(o.contact);
  }
  for (const Neighbour& n : ctx_.neighbours)
    if (n.up == Up::kParent && n.contact) list.add(*n.contact);
  for (const Neighbour& n : ctx_.neighbours) {
    const bool sibling = n.down == Down::kChild && n.link != child.link;
    if (sibling && n.takes_children && n.contact) list.add(*n.contact);
  }
  ctx_.say(child.link, wire::body::Contacts{list});
}

std::vector<Opening> Children::openings_below() const {
  std::vector<Opening> out;
  for (const Neighbour& n : ctx_.neighbours) {
    if (n.down != Down::kChild || !n.report) continue;
    for (uint8_t i = 0; i < n.report->count; ++i) out.push_back(n.report->openings[i]);
  }
  std::ranges::stable_sort(out, {}, &Opening::depth);
  return out;
}

Report Children::report(uint8_t own_loss) const {
  Report r{.witnesses = ctx_.options.witness ? 1u : 0u, .peers = 1};
  uint64_t loss_sum = own_loss;
  for (const Neighbour& n : ctx_.neighbours) {
    if (n.down != Down::kChild || !n.report) continue;
    r.witnesses += n.report->witnesses;
    r.peers += n.report->peers;
    loss_sum += uint64_t{n.report->loss} * n.report->peers;
  }
  r.loss = static_cast<uint8_t>(loss_sum / r.peers);
  const bool own_opening = has_place() && ctx_.options.dialable && ctx_.own_endpoint;
  if (own_opening) {
    r.openings[r.count++] = {ctx_.position.depth, Contact{ctx_.options.self, *ctx_.own_endpoint,
                                                          ctx_.options.fingerprint}};
  }
  for (const Opening& o : openings_below()) {
    if (r.count < Report::kMaxOpenings) r.openings[r.count++] = o;
  }
  return r;
}

}  // namespace swarmcast::overlay
