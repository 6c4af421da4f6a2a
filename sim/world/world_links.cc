// How links come about in the world, and how they end.
#include <algorithm>
#include <string>
#include <utility>

#include "engine/base/check.h"
#include "sim/world/addresses.h"
#include "sim/world/world.h"

namespace swarmcast::sim {
namespace {

// A STUN check, DTLS 1.2 with a fresh session: both ends are up. With a browser SCTP's two more.
constexpr int kDtlsRoundTrips = 3;
constexpr int kSctpRoundTrips = 2;
// The first checks to a symmetric NAT go to a port that nobody listens on.
constexpr int kSymmetricRoundTrips = 1;
constexpr Duration kDialTimeout = Duration::seconds(3);
// A host knows its own addresses at once; what others see it asks one of the STUN servers nearby.
constexpr Duration kOwnAddresses = Duration::millis(1);
constexpr Duration kStunRoundTrip = Duration::millis(40);
constexpr uint16_t kFirstIcePort = 20'000;
constexpr uint16_t kIcePorts = 40'000;

}  // namespace

// --- by dialling

std::optional<NodeId> World::listener_at(const Contact& contact) const {
  const NodeId id = node_of(contact.endpoint);
  if (id >= nodes_.size()) return std::nullopt;
  const Node& node = nodes_[id];
  const bool answers = node.endpoint == contact.endpoint &&
                       node.fingerprint == contact.fingerprint && can_be_dialled(id);
  return answers ? std::optional(id) : std::nullopt;
}

bool World::can_be_dialled(NodeId id) const {
  return !nodes_[id].browser && sim::can_be_dialled(nodes_[id].nat);
}

Duration World::set_up_time(NodeId a, NodeId b) const {
  const bool sctp = nodes_[a].browser || nodes_[b].browser;
  return network_.delay(a, b) * 2 * (kDtlsRoundTrips + (sctp ? kSctpRoundTrips : 0));
}

void World::carry_out(NodeId id, const output::OpenLink& o) {
  const auto to = listener_at(o.contact);
  if (!to) return fail_later(id, o.link, kDialTimeout);
  const Duration set_up = set_up_time(id, *to);
  schedule(now_ + set_up, [this, id, link = o.link, to = *to, set_up] {
    const bool reached =
        nodes_[to].engine && !network_.is_cut(to, now_) && !network_.is_cut(id, now_);
    if (!reached) return fail_later(id, link, kDialTimeout - set_up);
    if (!nodes_[id].engine) return;
    const LinkId theirs(++nodes_[to].inbound);
    link_up(id, link, numbered(prng_.next(), NumberedKind::kDialler), to, theirs,
            nodes_[to].fingerprint);
  });
}

void World::fail_later(NodeId node, LinkId link, Duration after) {
  schedule(now_ + after, [this, node, link] { give(node, input::LinkDown{link}); });
}

void World::link_up(NodeId from, LinkId link, const Fingerprint& here, NodeId to, LinkId theirs,
                    const Fingerprint& there) {
  const int browsers = nodes_[from].browser + nodes_[to].browser;
  const auto add = [&](NodeId at, LinkId own, NodeId peer, LinkId peer_link) {
    End end{own, peer, peer_link, network_.open_path(at, peer)};
    end.data_channel = browsers > 0;
    if (browsers == 2) end.sctp = std::make_unique<Sctp>();
    nodes_[at].links.push_back(std::move(end));
  };
  add(from, link, to, theirs);
  add(to, theirs, from, link);
  give(to, input::LinkUp{theirs, false, there, here, nodes_[from].endpoint});
  give(from, input::LinkUp{link, true, here, there, nodes_[to].endpoint});
}

// --- by ICE

World::Prepared* World::find_prepared(NodeId id, LinkId link) {
  auto& all = nodes_[id].prepared;
  const auto it = std::ranges::find(all, link, &Prepared::link);
  return it == all.end() ? nullptr : &*it;
}

void World::carry_out(NodeId id, const output::PrepareLink& o) {
  Prepared end{.link = o.link, .initiator = o.initiator};
  const std::string number = std::to_string(++prepared_ends_);
  SWARMCAST_CHECK(end.local.ufrag.set("end" + number));
  SWARMCAST_CHECK(end.local.password.set("passwordOfThisEnd00000" + number));
  end.local.fingerprint = o.listener_certificate ? nodes_[id].fingerprint
                                                 : numbered(prng_.next(), NumberedKind::kPrepared);
  end.local.native = !nodes_[id].browser;
  nodes_[id].prepared.push_back(end);
  const auto say = [&](Duration after, CandidateType type) {
    schedule(now_ + after, [this, id, link = o.link, type] { describe(id, link, type); });
  };
  say(kOwnAddresses, CandidateType::kHost);
  if (nodes_[id].nat != NatKind::kNone) say(kStunRoundTrip, CandidateType::kServerReflexive);
}

// Tells the engine what is known by now of its own end.
void World::describe(NodeId id, LinkId link, CandidateType more) {
  Prepared* end = find_prepared(id, link);
  if (!end) return;
  const auto port = static_cast<uint16_t>(kFirstIcePort + prepared_ends_ % kIcePorts);
  end->local.add({.type = more, .endpoint = endpoint_of(id, port)});
  give(id, input::LocalDescription{link, LinkDescription(end->local)});
  try_to_meet(id, link);
}

void World::carry_out(NodeId id, const output::RemoteDescription& o) {
  Prepared* end = find_prepared(id, o.link);
  if (!end) return;
  end->remote = o.description;
  try_to_meet(id, o.link);
}

// The end that an end was told of, if it was told in turn.
std::optional<std::pair<NodeId, LinkId>> World::other_end(const Prepared& end) {
  if (!end.remote || end.remote->candidates().empty()) return std::nullopt;
  const NodeId id = node_of(end.remote->candidates().front().endpoint);
  if (id >= nodes_.size()) return std::nullopt;
  for (const Prepared& other : nodes_[id].prepared) {
    const bool pair = other.remote && other.remote->ufrag == end.local.ufrag &&
                      end.remote->ufrag == other.local.ufrag;
    if (pair) return std::pair(id, other.link);
  }
  return std::nullopt;
}

// Behind NATs on both sides, each must know what the other's looks like from outside.
bool World::candidates_suffice(NodeId a, const Prepared& end, NodeId b,
                               const Prepared& other) const {
  const NatKind here = nodes_[a].nat, there = nodes_[b].nat;
  if (!can_meet(here, there)) return false;
  if (here == NatKind::kNone || there == NatKind::kNone) return true;
  return end.remote->offers(CandidateType::kServerReflexive) &&
         other.remote->offers(CandidateType::kServerReflexive);
}

// Checks begin when each end knows the other; the ends that can never meet go on until their
// engines give up.
void World::try_to_meet(NodeId id, LinkId link) {
  Prepared* here = find_prepared(id, link);
  if (!here || here->meeting) return;
  const auto other = other_end(*here);
  if (!other) return;
  const auto [to, theirs] = *other;
  Prepared* there = find_prepared(to, theirs);
  if (!candidates_suffice(id, *here, to, *there)) return;
  here->meeting = there->meeting = true;
  const bool symmetric =
      nodes_[id].nat == NatKind::kSymmetric || nodes_[to].nat == NatKind::kSymmetric;
  const Duration set_up =
      set_up_time(id, to) + network_.delay(id, to) * 2 * (symmetric ? kSymmetricRoundTrips : 0);
  const bool from_here = here->initiator;
  schedule(now_ + set_up, [this, id, link, to = to, theirs = theirs, from_here] {
    if (from_here)
      meet(id, link, to, theirs);
    else
      meet(to, theirs, id, link);
  });
}

void World::meet(NodeId from, LinkId link, NodeId to, LinkId theirs) {
  const Prepared* here = find_prepared(from, link);
  const Prepared* there = find_prepared(to, theirs);
  if (!here || !there || network_.is_cut(from, now_) || network_.is_cut(to, now_)) return;
  const Fingerprint mine = here->local.fingerprint, other = there->local.fingerprint;
  std::erase_if(nodes_[from].prepared, [&](const Prepared& p) { return p.link == link; });
  std::erase_if(nodes_[to].prepared, [&](const Prepared& p) { return p.link == theirs; });
  ++met_;
  link_up(from, link, mine, to, theirs, other);
}

// --- their end

World::End* World::find(NodeId id, LinkId link) {
  auto& links = nodes_[id].links;
  const auto it = std::ranges::find(links, link, &End::link);
  return it == links.end() ? nullptr : &*it;
}

bool World::forget(NodeId id, LinkId link) {
  const End* end = find(id, link);
  if (!end) return false;
  network_.close_path(end->out);
  nodes_[id].links.erase(nodes_[id].links.begin() + (end - nodes_[id].links.data()));
  return true;
}

// The other side hears of it a one-way delay later.
void World::carry_out(NodeId id, const output::CloseLink& o) {
  std::erase_if(nodes_[id].prepared, [&](const Prepared& p) { return p.link == o.link; });
  const End* end = find(id, o.link);
  if (!end) return;
  const NodeId peer = end->peer;
  const LinkId theirs = end->peer_link;
  forget(id, o.link);
  schedule(now_ + network_.delay(id, peer), [this, peer, theirs] {
    if (forget(peer, theirs)) give(peer, input::LinkDown{theirs});
  });
}

}  // namespace swarmcast::sim
