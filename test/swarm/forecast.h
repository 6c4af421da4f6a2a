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
  SwarmFigures figures;
  uint64_t violations = 0;
  struct Host {  // the source first
    sim::HostLines lines;
    size_t entry = 0;  // the host through which it joins
    size_t max_children = 0;
  };
  std::vector<Host> hosts;
};

// Runs the simulation; a second or two for a swarm of 60.
Forecast forecast(const sim::Scenario& scenario);

}  // namespace swarmcast::test
