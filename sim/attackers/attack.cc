#include "sim/attackers/attack.h"

#include <algorithm>

namespace swarmcast::sim {
namespace {

constexpr Attack kAttacks[] = {
    {AttackKind::kNone, "none", "hostile in name only, to compare with"},
    {AttackKind::kLeaf, "leaf", "take no children and do no harm, to compare with"},
    {AttackKind::kForge, "forge", "alter what they pass on, make up the source's words"},
    {AttackKind::kWithhold, "withhold", "take children and send them nothing, or a part"},
    {AttackKind::kLie, "lie", "about their place, those below them, and the time"},
    {AttackKind::kFlood, "flood", "send as much as their line takes"},
    {AttackKind::kNak, "nak", "ask for everything again and again"},
    {AttackKind::kCrawl, "crawl", "wander about and collect addresses"},
    {AttackKind::kReplay, "replay", "send what was true five seconds ago"},
    {AttackKind::kEclipse, "eclipse", "name nobody but each other, and then withhold"},
};

}  // namespace

std::span<const Attack> attacks() { return kAttacks; }

const Attack* find_attack(std::string_view name) {
  const auto found = std::ranges::find(kAttacks, name, &Attack::name);
  return found == std::end(kAttacks) ? nullptr : &*found;
}

std::string_view name_of(AttackKind kind) {
  return std::ranges::find(kAttacks, kind, &Attack::kind)->name;
}

}  // namespace swarmcast::sim
