// What can be seen of a World, and what must hold in it.
#include <algorithm>
#include <utility>

#include "engine/overlay/world_for_test.h"

namespace swarmcast::overlay {

using Up = Neighbour::Up;
using Down = Neighbour::Down;

namespace {

constexpr Duration kMaxLoopTime = Duration::seconds(1);

}  // namespace

// --- what must hold at every moment, of the peers that have just done something

void World::check_safety() {
  for (size_t i : touched_) {
    const Peer& p = peers_[i];
    if (!p.alive) continue;
    size_t below = 0;
    for (StripeId s : stripes()) {
      const Tree& tree_of_stripe = p.overlay->tree(s);
      ASSERT_LE(tree_of_stripe.position().depth, kMaxDepth) << where(i);
      below += tree_of_stripe.neighbours().count(Down::kChild);
      ASSERT_LE(tree_of_stripe.neighbours().count(Down::kStandby), kMaxStandbys) << where(i);
    }
    const size_t guests = kGuestPlaces * options_.stripes;
    ASSERT_LE(below, p.options.max_children ? p.options.max_children + guests : 0) << where(i);
    ASSERT_EQ(p.fed.size(), below) << where(i) << " feeds others than its children";
  }
  touched_.clear();
  if (!std::exchange(parents_changed_, false) && loop_since_.is_never()) return;
  if (!has_loop())
    loop_since_ = Instant::never();
  else if (loop_since_.is_never())
    loop_since_ = now_;
  if (loop_since_.is_never()) return;
  ASSERT_LE(now_ - loop_since_, kMaxLoopTime) << where(kSource) << ": " << tree();
}

bool World::has_loop() const {
  for (StripeId s : stripes()) {
    for (size_t i : living()) {
      size_t at = i;
      for (size_t hops = 0; hops <= peers_.size(); ++hops) {
        const auto up = parent(at, s);
        if (!up || !peers_[*up].alive) break;
        at = *up;
        if (hops == peers_.size()) return true;
      }
    }
  }
  return false;
}

void World::expect_agreement() {
  run_until([&] { return disagreement().empty(); }, Duration::seconds(10));
  EXPECT_EQ(disagreement(), "");
}

std::string World::disagreement() const {
  for (size_t at = 0; at < living().size() * options_.stripes; ++at) {
    const size_t i = living()[at / options_.stripes];
    const StripeId s(static_cast<uint8_t>(at % options_.stripes));
    for (const Neighbour& n : overlay(i).tree(s).neighbours()) {
      const Neighbour* there = opposite(i, n, s);
      const Up up = there ? there->up : Up::kNone;
      const Down down = there ? there->down : Down::kNone;
      const bool agree = (n.up == Up::kParent) == (down == Down::kChild) &&
                         (n.up == Up::kStandby) == (down == Down::kStandby) &&
                         (n.down == Down::kChild) == (up == Up::kParent) &&
                         (n.down == Down::kStandby) == (up == Up::kStandby);
      if (!agree) return where(i) + " and its neighbour " + std::to_string(index_of(n.peer));
    }
  }
  return {};
}

// --- what a test may look at

std::optional<size_t> World::parent(size_t i, StripeId s) const {
  const auto link = peers_[i].overlay->tree(s).parent();
  return link ? std::optional(other_end(i, *link)) : std::nullopt;
}

std::optional<size_t> World::backup(size_t i, StripeId s) const {
  for (const Neighbour& n : overlay(i).tree(s).neighbours())
    if (n.up == Up::kStandby) return index_of(n.peer);
  return std::nullopt;
}

std::vector<size_t> World::children(size_t i, StripeId s) const {
  std::vector<size_t> out;
  for (const Neighbour& n : overlay(i).tree(s).neighbours())
    if (n.down == Down::kChild) out.push_back(index_of(n.peer));
  return out;
}

bool World::fed(size_t i, StripeId s) const {
  for (size_t hops = 0; hops <= kMaxDepth; ++hops) {
    if (!peers_[i].alive || !overlay(i).tree(s).position().attached) return false;
    if (i == kSource) return true;
    const auto up = parent(i, s);
    if (!up || !feeds(*up, i, s)) return false;
    i = *up;
  }
  return false;
}

bool World::is_below(size_t below, size_t above, StripeId s) const {
  for (size_t hops = 0; hops <= peers_.size(); ++hops) {
    if (below == above) return true;
    const auto up = parent(below, s);
    if (!up) return false;
    below = *up;
  }
  return false;
}

std::vector<StripeId> World::stripes() const {
  std::vector<StripeId> out;
  for (uint8_t i = 0; i < options_.stripes; ++i) out.push_back(StripeId(i));
  return out;
}

std::vector<size_t> World::living() const {
  std::vector<size_t> out;
  for (size_t i = 0; i < peers_.size(); ++i)
    if (peers_[i].alive) out.push_back(i);
  return out;
}

bool World::all_fed() const {
  return std::ranges::all_of(living(), [&](size_t i) {
    return std::ranges::all_of(stripes(), [&](StripeId s) { return fed(i, s); });
  });
}

uint8_t World::deepest() const {
  uint8_t out = 0;
  for (size_t i : living())
    for (StripeId s : stripes()) out = std::max(out, overlay(i).tree(s).position().depth);
  return out;
}

size_t World::links() const {
  return static_cast<size_t>(std::ranges::count_if(wires_, [&](const Wire& w) {
    return w.open[0] && w.open[1] && peers_[w.end[0]].alive && peers_[w.end[1]].alive;
  }));
}

uint64_t World::all_parent_changes() const {
  uint64_t sum = 0;
  for (size_t i : living()) sum += peers_[i].parent_changes;
  return sum;
}

size_t World::other_end(size_t i, LinkId link) const {
  const Wire& w = wires_[peers_[i].links.at(link)];
  return w.end[w.end[0] == i ? 1 : 0];
}

const Neighbour* World::opposite(size_t i, const Neighbour& n, StripeId s) const {
  const Wire& w = wires_[peers_[i].links.at(n.link)];
  const int other = w.end[0] == i ? 1 : 0;
  for (const Neighbour& there : overlay(w.end[other]).tree(s).neighbours())
    if (there.link == w.link[other]) return &there;
  return nullptr;
}

// On the link that the child takes for its parent's.
bool World::feeds(size_t above, size_t below, StripeId s) const {
  const Wire& w = wires_[peers_[below].links.at(*overlay(below).tree(s).parent())];
  return peers_[above].fed.contains({w.link[w.end[0] == above ? 0 : 1], s});
}

std::string World::where(size_t i) const {
  return "peer " + std::to_string(i) + " at " + std::to_string(now_.us() / 1'000) + " ms, seed " +
         std::to_string(options_.seed);
}

std::string World::tree() const {
  std::string out;
  for (size_t i : living()) {
    const auto up = parent(i);
    out += std::to_string(i) + (up ? " <- " + std::to_string(*up) : "") + " @" +
           std::to_string(overlay(i).tree().position().depth) + " " +
           std::to_string(children(i).size()) + "/" +
           std::to_string(peers_[i].options.max_children) +
           (overlay(i).tree().position().attached ? "" : " (orphan)") + "; ";
  }
  return out;
}

}  // namespace swarmcast::overlay
