#include "sim/attackers/make.h"

#include "sim/attackers/forger.h"
#include "sim/attackers/withholder.h"

namespace swarmcast::sim {

std::unique_ptr<Engine> make_hostile(AttackKind kind, size_t number, Disguise disguise) {
  switch (kind) {
    case AttackKind::kNone:
      break;
    case AttackKind::kForge: {
      const auto way = static_cast<Forger::Way>(number % Forger::kWays);
      return std::make_unique<Forger>(std::move(disguise), way);
    }
    case AttackKind::kWithhold: {
      const auto way = static_cast<Withholder::Way>(number % Withholder::kWays);
      return std::make_unique<Withholder>(std::move(disguise), way);
    }
  }
  return std::move(disguise.real);
}

}  // namespace swarmcast::sim
