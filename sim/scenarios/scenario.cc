#include "sim/scenarios/scenario.h"

#include <algorithm>

namespace swarmcast::sim {
namespace {

// The tree of whole streams that version 1 of the overlay builds wastes what is left of an uplink
// beside its whole children: it needs several times what stripes would.
constexpr Uplinks kAmple{.factor = 4};

constexpr Scenario kScenarios[] = {
    {.name = "swarm", .about = "everybody stays", .uplinks = kAmple},
    {.name = "bursts",
     .about = "many packets are lost, several at a time",
     .uplinks = kAmple,
     .loss = 0.1,
     .burst = 4},
    {.name = "churn",
     .about = "viewers vanish after two minutes on average, others come",
     .uplinks = kAmple,
     .life = Duration::seconds(120)},
    {.name = "vanish",
     .about = "30 % of the viewers vanish at once",
     .uplinks = kAmple,
     .vanishing = 0.3},
    {.name = "outages",
     .about = "every line fails for 0.2 to 2 s, twice a minute",
     .uplinks = kAmple,
     .outages_a_minute = 2},
    {.name = "polluters",
     .about = "5 % of the viewers alter what they forward",
     .uplinks = kAmple,
     .attack = AttackKind::kForge,
     .hostile = 0.05},
    {.name = "mixed",
     .about = "most watch in a browser, and most are behind a NAT; with sound",
     .sound = true,
     .adaptive = true,
     .uplinks = kAmple,
     .nat = 0.8,
     .browsers = 0.7},
    {.name = "scarce",
     .about = "uplinks of ordinary phones: hardly more than what is needed in all"},
};

}  // namespace

Duration join_span(const Scenario& s) {
  return s.join_span > Duration() ? s.join_span : kJoinInterval * static_cast<int64_t>(s.viewers);
}

std::span<const Scenario> scenarios() { return kScenarios; }

const Scenario* find_scenario(std::string_view name) {
  const auto found = std::ranges::find(kScenarios, name, &Scenario::name);
  return found == std::end(kScenarios) ? nullptr : &*found;
}

}  // namespace swarmcast::sim
