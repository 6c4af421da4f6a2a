// Runs of the simulator, each in a process of its own and several at once, and the means of their
// figures over seeds.
#pragma once

#include <optional>
#include <vector>

#include "sim/baselines/designs.h"
#include "sim/report/measure.h"
#include "sim/scenarios/scenario.h"

namespace swarmcast::bench {

struct Trial {
  sim::Scenario scenario;
  const sim::Baseline* design = nullptr;  // in place of our engines
  // One packet of the stream that the source sends is lost as the window begins; for our engines.
  bool one_loss = false;
};

struct TrialFigures {
  bool done = false;  // false: it crashed
  sim::Summary summary;
  double healed_seconds = -1;  // after the middle of the window; -1: not until its end
  double naks = 0;             // from that one loss on
};

// The figures of all of them in their order, `jobs` at once. To be called while there is one
// thread.
std::vector<TrialFigures> run_trials(const std::vector<Trial>& trials, int jobs);

// Over seeds. A percentile that is infinite for one of them is infinite.
struct Means {
  std::optional<double> p50_ms, p95_ms, network_p50_ms, network_p95_ms;
  double on_time = 0, base_on_time = 0, stall_share = 0, overhead = 0, duplicates = 0;
  double hops = 0;
  int hops_max = 0;
  std::optional<double> healed_seconds;  // the longest; nullopt: one did not
  double naks = 0;
  uint64_t violations = 0;
  size_t viewers = 0;
  size_t crashed = 0;
};
Means means(const std::vector<TrialFigures>& figures);

}  // namespace swarmcast::bench
