// What hostile peers of a simulated swarm do.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace swarmcast::sim {

enum class AttackKind : uint8_t {
  kNone,      // they are marked as hostile, and behave: what the others are compared with
  kLeaf,      // they behave, and give nothing: what is lost without their uplink
  kForge,     // alter what they pass on, and make up frames and statements of the source
  kWithhold,  // accept children and send them nothing, only ticks, or a part
  kLie,       // about their place, about those below them, about the time
  kFlood,     // send as much as their line takes
  kNak,       // ask for everything again and again
  kCrawl,     // wander about and collect addresses
  kReplay,    // send what was true a while ago
  kEclipse,   // name nobody but each other, and then withhold
};

struct Attack {
  AttackKind kind = AttackKind::kNone;
  std::string_view name;
  std::string_view about;  // one line
};

std::span<const Attack> attacks();
// nullptr: there is none of that name.
const Attack* find_attack(std::string_view name);
std::string_view name_of(AttackKind kind);

}  // namespace swarmcast::sim
