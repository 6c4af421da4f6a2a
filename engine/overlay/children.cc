#include "engine/overlay/children.h"

#include <algorithm>
#include <ranges>

namespace swarmcast::overlay {

using wire::body::ContactList;
using wire::body::Opening;
using wire::body::Purpose;
using wire::body::ReferReason;
using wire::body::Report;
using Down = Neighbour::Down;
using Up = Neighbour::Up;

namespace {
// Of what a child claims (mean_loss()).
constexpr uint64_t kModestLoss = 5 * 255 / 100;
constexpr uint64_t kMostOverMedian = 2;
constexpr uint64_t kMostOverOthers = 4;
constexpr size_t kLeastClaims = 3;

// A child may claim any number.
uint32_t saturating_add(uint32_t a, uint32_t b) { return a + std::min(b, ~a); }
}  // namespace

bool Children::has_place() const {
  return ctx_.position.attached && ctx_.position.depth < kMaxDepth &&
         ctx_.neighbours.count(Down::kChild) < ctx_.places();
}

// What forbids us to be its (standby) parent, whatever our places.
std::optional<ReferReason> Children::objection(const Neighbour& from, uint8_t height,
                                               bool in_vain) const {
  if (!ctx_.position.attached) return ReferReason::kOrphan;
  if (ctx_.position.depth + 1 + height > kMaxDepth) return ReferReason::kTooDeep;
  if (ctx_.path_contains(from.peer)) return ReferReason::kLoop;
  if (ctx_.places(in_vain) == 0) return ReferReason::kFull;
  return std::nullopt;
}

void Children::on_subscribe(Instant now, Neighbour& from, const wire::body::Subscribe& wish) {
  from.places = wish.places;
  if (wish.dialable && !from.signalled) {
    if (!from.contact) from.contact = Contact{.peer = from.peer};
    from.contact->endpoint = from.remote;
    from.contact->fingerprint = wish.fingerprint;
  }
  for (Neighbour& n : ctx_.neighbours) {  // on an older link of the same peer
    const bool older = n.peer == from.peer && n.link != from.link && n.down != Down::kNone;
    if (older) refuse(now, n, ReferReason::kFull);
  }
  const bool standby = wish.purpose == Purpose::kStandby;
  if (from.down == Down::kChild && !standby) return accept(now, from, wish, from.guest);
  if (const auto reason = objection(from, wish.height, wish.in_vain))
    return refuse(now, from, *reason);
  if (standby) {
    if (from.down != Down::kStandby && ctx_.neighbours.count(Down::kStandby) >= kMaxStandbys)
      return refuse(now, from, ReferReason::kFull);
    return accept_standby(now, from);
  }
  const size_t children = ctx_.neighbours.count(Down::kChild);
  if (children < ctx_.places(wish.in_vain) || make_room(now, from, wish))
    return accept(now, from, wish, false);
  const bool guest_place = children < ctx_.places() + kGuestPlaces;
  if (wish.purpose == Purpose::kFailover && from.down == Down::kStandby && guest_place)
    return accept(now, from, wish, true);
  refuse(now, from, ReferReason::kFull);
}

void Children::accept(Instant now, Neighbour& child, const wire::body::Subscribe& wish,
                      bool guest) {
  child.down = Down::kChild;
  ctx_.count_children();
  child.guest = guest;
  child.contacts_told = {};
  child.idle_since = now;
  ctx_.say(child.link, wire::body::Accept{ctx_.stripe, wish.purpose, guest});
  ctx_.say(child.link, ctx_.state());
  ctx_.act(Feed{child.link, ctx_.stripe, wish.purpose, wish.next_frame});
  ctx_.relation_changed(child);
  send_contacts();
}

void Children::accept_standby(Instant now, Neighbour& peer) {
  end_relation(now, peer);
  peer.down = Down::kStandby;
  ctx_.say(peer.link, wire::body::Accept{ctx_.stripe, Purpose::kStandby, false});
  ctx_.say(peer.link, ctx_.state());
  ctx_.relation_changed(peer);
}

// Whatever it was to us before, it is no more: it will look elsewhere. Below us where we know of
// free places, then above us, where others are known.
void Children::refuse(Instant now, Neighbour& peer, ReferReason reason) {
  end_relation(now, peer);
  wire::body::Refer refer{ctx_.stripe, reason, {}};
  std::vector<Opening> openings = openings_below(nullptr);
  if (!openings.empty()) {
    std::ranges::rotate(openings,
                        openings.begin() + static_cast<long>(rotation_++ % openings.size()));
    std::ranges::stable_sort(openings, {}, &Opening::depth);
  }
  for (const Opening& o : openings) {
    if (o.contact.peer != peer.peer) refer.contacts.add(o.contact);
  }
  if (refer.contacts.count == 0 && reason != ReferReason::kOrphan) {
    for (const Neighbour& n : ctx_.neighbours)
      if (n.up == Up::kParent && n.contact) refer.contacts.add(*n.contact);
    for (const Contact& c : ctx_.contacts_above)
      if (c.peer != peer.peer) refer.contacts.add(c);
  }
  ctx_.say(peer.link, refer);
}

// All places are taken and none is free below. A newcomer that takes children itself then gets the
// place of a child that takes none; that one stays as a guest until it has found another. If even
// the guests' places are taken, one such child has to go: it finds a place below the newcomer.
bool Children::make_room(Instant now, const Neighbour& newcomer,
                         const wire::body::Subscribe& wish) {
  const bool helps = wish.places > 0 && newcomer.contact && ctx_.position.depth + 1 < kMaxDepth;
  if (!helps || !openings_below(&newcomer).empty()) return false;
  Neighbour* leaf = nullptr;
  Neighbour* guest = nullptr;
  for (Neighbour& n : ctx_.neighbours)
    if (n.down == Down::kChild && !(n.places > 0 && n.contact)) (n.guest ? guest : leaf) = &n;
  if (!leaf) return false;
  const size_t limit = ctx_.places() + kGuestPlaces;
  if (ctx_.neighbours.count(Down::kChild) < limit) {
    set_guest(*leaf, true);
  } else if (guest) {
    refuse(now, *guest, ReferReason::kFull);
    set_guest(*leaf, true);
  } else {
    refuse(now, *leaf, ReferReason::kFull);
  }
  return true;
}

void Children::fit_places(Instant now) {
  while (ctx_.neighbours.count(Down::kChild) > ctx_.places()) {
    auto backwards = std::views::reverse(ctx_.neighbours);
    refuse(now, *std::ranges::find(backwards, Down::kChild, &Neighbour::down), ReferReason::kFull);
  }
}

void Children::set_guest(Neighbour& child, bool guest) {
  child.guest = guest;
  ctx_.say(child.link, wire::body::Accept{ctx_.stripe, Purpose::kFailover, guest});
}

void Children::end_relation(Instant now, Neighbour& n) {
  if (n.down == Down::kNone) return;
  const bool was_child = n.down == Down::kChild;
  n.down = Down::kNone;
  ctx_.count_children();
  n.guest = false;
  n.report.reset();
  n.idle_since = now;
  ctx_.relation_changed(n);
  if (!was_child) return;
  ctx_.act(StopFeed{n.link, ctx_.stripe});
  if (ctx_.neighbours.count(Down::kChild) > ctx_.places()) return;
  const auto guest = std::ranges::find(ctx_.neighbours, true, &Neighbour::guest);
  if (guest != ctx_.neighbours.end()) set_guest(*guest, false);  // the place is its own now
}

void Children::on_report(Neighbour& from, const Report& report) {
  if (from.down != Down::kChild) return;
  from.report = report;
  from.places = report.places;
}

void Children::announce(bool standbys_too) {
  for (const Neighbour& n : ctx_.neighbours) {
    if (n.down == Down::kChild || (standbys_too && n.down == Down::kStandby))
      ctx_.say(n.link, ctx_.state());
  }
}

void Children::send_contacts() {
  size_t turn = 0;
  for (Neighbour& n : ctx_.neighbours) {
    if (n.down != Down::kChild) continue;
    const ContactList list = contacts_for(n, turn++);
    if (list == n.contacts_told) continue;
    n.contacts_told = list;
    ctx_.say(n.link, wire::body::Contacts{ctx_.stripe, list});
  }
}

// Peers outside our subtree first, because they outlive us: our own siblings, which our parent
// named last, then those above. Each child begins with another one, so that our end does not send
// all of them to the same place. Its siblings share our fate and come last. A guest is told of free
// places before all that.
ContactList Children::contacts_for(const Neighbour& child, size_t turn) const {
  std::vector<Contact> outside;
  std::vector<Contact> siblings;
  for (const Contact& c : std::views::reverse(ctx_.contacts_above)) {
    const bool outsider =
        c.peer != child.peer && c.peer != ctx_.options.self && !ctx_.neighbours.is_child(c.peer);
    if (outsider) outside.push_back(c);
  }
  for (const Neighbour& n : ctx_.neighbours) {
    if (n.up == Up::kParent && n.contact) outside.push_back(*n.contact);
    const bool sibling = n.down == Down::kChild && n.link != child.link;
    if (sibling && n.places > 0 && n.contact) siblings.push_back(*n.contact);
  }
  ContactList list;
  if (child.guest)
    for (const Opening& o : openings_below(&child)) list.add(o.contact);
  for (auto* group : {&outside, &siblings}) {
    if (group->empty()) continue;
    std::ranges::rotate(*group, group->begin() + static_cast<long>(turn % group->size()));
    if (group == &outside) group->resize(std::min(group->size(), kMaxOutsideContacts));
    for (const Contact& c : *group) list.add(c);
  }
  return list;
}

std::vector<Opening> Children::openings_below(const Neighbour* except) const {
  std::vector<Opening> out;
  for (const Neighbour& n : ctx_.neighbours) {
    if (n.down != Down::kChild || !n.report || (except && n.link == except->link)) continue;
    for (uint8_t i = 0; i < n.report->count; ++i) {
      Opening o = n.report->openings[i];
      const bool own = o.contact.peer == n.peer && n.contact;
      if (own && !o.contact.record) o.contact.record = n.contact->record;
      out.push_back(o);
    }
  }
  std::ranges::stable_sort(out, {}, &Opening::depth);
  return out;
}

// Over all links of our subtree, in 255ths. A child may claim that millions below it lose
// everything, and the source would add all the parity it may: nobody counts for more than a few
// times all others, nor says more than twice what most say, or what needs little parity.
uint8_t Children::mean_loss(uint8_t own_loss) const {
  struct Claim {
    uint64_t loss, peers;
  };
  std::vector<Claim> claims;
  if (!ctx_.options.root) claims.push_back({own_loss, 1});
  uint64_t peers = 1;
  for (const Neighbour& n : ctx_.neighbours) {
    if (n.down != Down::kChild || !n.report) continue;
    claims.push_back({n.report->loss, n.report->peers});
    peers += n.report->peers;
  }
  if (claims.empty()) return 0;
  if (claims.size() == 1) return static_cast<uint8_t>(claims.front().loss);
  const auto middle = claims.begin() + static_cast<long>((claims.size() - 1) / 2);
  std::ranges::nth_element(claims, middle, {}, &Claim::loss);
  const bool comparable = claims.size() >= kLeastClaims;
  const uint64_t most =
      comparable ? std::max<uint64_t>(kModestLoss, middle->loss * kMostOverMedian) : UINT8_MAX;
  uint64_t sum = 0, weights = 0;
  for (const Claim& c : claims) {
    const uint64_t weight = std::min(c.peers, (peers - c.peers) * kMostOverOthers);
    sum += std::min(c.loss, most) * weight;
    weights += weight;
  }
  return static_cast<uint8_t>(sum / std::max<uint64_t>(weights, 1));
}

Report Children::report(uint8_t own_loss) const {
  Report r{.stripe = ctx_.stripe,
           .witnesses = ctx_.options.witness ? 1u : 0u,
           .peers = 1,
           .height = ctx_.neighbours.levels_below(),
           .delay_ms = ctx_.options.witness ? ctx_.shared.playout_ms : uint16_t{0},
           .shed = ctx_.options.witness && ctx_.shed ? 1u : 0u,
           .places = ctx_.places_told()};
  for (const Neighbour& n : ctx_.neighbours) {
    if (n.down != Down::kChild || !n.report) continue;
    r.witnesses = saturating_add(r.witnesses, n.report->witnesses);
    r.peers = saturating_add(r.peers, n.report->peers);
    r.delay_ms = std::max(r.delay_ms, n.report->delay_ms);
    r.shed = saturating_add(r.shed, n.report->shed);
  }
  r.loss = mean_loss(own_loss);
  // Our parent has our record: once a second it is only told where we are, if we know that.
  Contact own{.peer = ctx_.options.self};
  if (ctx_.options.dialable && ctx_.shared.own_endpoint) {
    own.endpoint = *ctx_.shared.own_endpoint;
    own.fingerprint = ctx_.options.fingerprint;
  } else {
    own.record = ctx_.options.record;
  }
  const bool reachable = own.dialable() || own.record;
  if (has_place() && reachable) r.openings[r.count++] = {ctx_.position.depth, own};
  for (const Opening& o : openings_below(nullptr)) {
    if (r.count < Report::kMaxOpenings) r.openings[r.count++] = o;
  }
  return r;
}

}  // namespace swarmcast::overlay
