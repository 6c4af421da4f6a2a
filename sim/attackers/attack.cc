#include "sim/attackers/attack.h"

#include <algorithm>

namespace swarmcast::sim {
namespace {

constexpr Attack kAttacks[] = {
    {AttackKind::kNone, "none", "hostile in name only, to compare with"},
    {AttackKind::kForge, "forge", "alter what they pass on, make up the source's words"},
    {AttackKind::kWithhold, "withhold", "take children and send them nothing, or a part"},
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
