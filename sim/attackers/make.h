// Turns an engine into a hostile one.
#pragma once

#include "sim/attackers/attack.h"
#include "sim/attackers/hostile_engine.h"

namespace swarmcast::sim {

// `number`: of the hostile peer among its like; they take turns in how they do it.
std::unique_ptr<Engine> make_hostile(AttackKind kind, size_t number, Disguise disguise);

}  // namespace swarmcast::sim
