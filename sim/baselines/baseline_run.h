// Runs a scenario with a baseline in place of our engines: the same lines, paths, pictures, joining
// and fate, measured in the same way.
#pragma once

#include <functional>
#include <memory>

#include "sim/baselines/baseline_swarm.h"
#include "sim/baselines/designs.h"
#include "sim/scenarios/population.h"
#include "sim/scenarios/simulation.h"

namespace swarmcast::sim {

// Where the scenario has no playout delay of its own: baselines do not adapt it.
inline constexpr Duration kBaselinePlayout = Duration::millis(700);

class BaselineRun {
 public:
  // The scenario has no attackers.
  BaselineRun(const Scenario& scenario, const Baseline& baseline);

  Summary run(const std::function<void(const Progress&)>& on_second = {});
  const Measure& measure() const { return measure_; }
  const Swarm& swarm() const { return swarm_; }
  double seconds_now() const { return (swarm_.now() - start_).seconds_f(); }

 private:
  void populate();
  void join();
  void vanish(NodeId node);
  void vanish_together();
  void befall();
  void publish_next();
  Progress progress() const;

  Scenario scenario_;
  BaselineSwarm swarm_;
  Instant start_;
  Timetable timetable_;
  Measure measure_;
  Pictures pictures_;
  std::unique_ptr<Design> design_;
};

}  // namespace swarmcast::sim
