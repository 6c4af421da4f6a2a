#include "sim/attackers/make.h"

#include "sim/attackers/crawler.h"
#include "sim/attackers/eclipse.h"
#include "sim/attackers/flooder.h"
#include "sim/attackers/forger.h"
#include "sim/attackers/liar.h"
#include "sim/attackers/nak_amplifier.h"
#include "sim/attackers/replayer.h"
#include "sim/attackers/withholder.h"

namespace swarmcast::sim {

std::unique_ptr<Engine> make_hostile(AttackKind kind, size_t number, Disguise disguise) {
  switch (kind) {
    case AttackKind::kNone:
    case AttackKind::kLeaf:
      break;
    case AttackKind::kForge: {
      const auto way = static_cast<Forger::Way>(number % Forger::kWays);
      return std::make_unique<Forger>(std::move(disguise), way);
    }
    case AttackKind::kWithhold: {
      const auto way = static_cast<Withholder::Way>(number % Withholder::kWays);
      return std::make_unique<Withholder>(std::move(disguise), way);
    }
    case AttackKind::kLie: {
      const auto way = static_cast<Liar::Way>(number % Liar::kWays);
      return std::make_unique<Liar>(std::move(disguise), way);
    }
    case AttackKind::kFlood: {
      const auto way = static_cast<Flooder::Way>(number % Flooder::kWays);
      return std::make_unique<Flooder>(std::move(disguise), way);
    }
    case AttackKind::kNak:
      return std::make_unique<NakAmplifier>(std::move(disguise));
    case AttackKind::kCrawl:
      return std::make_unique<Crawler>(std::move(disguise));
    case AttackKind::kReplay:
      return std::make_unique<Replayer>(std::move(disguise));
    case AttackKind::kEclipse:
      return std::make_unique<Eclipse>(std::move(disguise));
  }
  return std::move(disguise.real);
}

}  // namespace swarmcast::sim
