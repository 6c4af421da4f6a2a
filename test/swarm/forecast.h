// A swarm on the simulator's network, and what the simulator says of it: the one description from
// which the same swarm is made of real processes (run.h).
#pragma once

#include <vector>

#include "sim/scenarios/scenario.h"
#include "sim/scenarios/simulation.h"
#include "test/swarm/figures.h"

namespace swarmcast::test {

// Of `nodes`, one is the source. The simulator's default network and uplinks, without what the
// emulator cannot do (duplicates, single packets held up), and a picture that 60 processes on two
// processors keep up with.
sim::Scenario swarm_of(size_t nodes, int64_t seconds, uint64_t seed);

struct Forecast {
  sim::Scenario scenario;
  std::vector<SwarmFigures> runs;  // a variant each
  uint64_t violations = 0;
  struct Host {  // the source first
    sim::HostLines lines;
    size_t entry = 0;  // the host through which it joins
    size_t max_places = 0;
  };
  std::vector<Host> hosts;
};

// Runs the simulation so many times, as trees grow differently by chance; some seconds each for a
// swarm of 60. Hosts and their entries are the first one's.
Forecast forecast(const sim::Scenario& scenario, uint64_t variants);

}  // namespace swarmcast::test
