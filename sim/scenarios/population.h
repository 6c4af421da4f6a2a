// Who takes part in a scenario and what befalls them: functions of the seed and of a node's number
// alone, so that other swarms can be compared on the same lines and under the same fate.
#pragma once

#include <optional>

#include "sim/net/network.h"
#include "sim/scenarios/scenario.h"
#include "sim/world/swarm.h"

namespace swarmcast::sim {

// Between any two hosts.
PathModel paths_of(const Scenario& scenario);
HostLines source_lines(const Scenario& scenario);
HostLines viewer_lines(const Scenario& scenario, NodeId node);

// What happens to a viewer within one second; times are after that second's beginning.
struct Fate {
  std::optional<Duration> vanishes;
  std::optional<Duration> outage;
  Duration outage_length;
};
Fate fate_of(const Scenario& scenario, NodeId node, int64_t second);
// Is it one of those that vanish half-way through?
bool vanishes_with_others(const Scenario& scenario, NodeId node);

// When what happens, for a run that begins at `start`.
struct Timetable {
  Timetable(const Scenario& scenario, Instant start);

  Instant first_picture;
  Instant begin, end;  // frames captured within count
  Instant stop;        // the last of them has settled
  // The i-th viewer to join, 0 <= i < viewers.
  Instant join(size_t i) const { return first_join_ + span_ * static_cast<int64_t>(i) / count_; }

 private:
  Instant first_join_;
  Duration span_;
  int64_t count_;
};

// From joining to the first picture that is due; also from the last one's joining to `begin`.
inline constexpr Duration kJoinGrace = Duration::seconds(5);

}  // namespace swarmcast::sim
