// Runs a scenario: the world, the stream, what befalls the viewers, the checkers, the figures.
#pragma once

#include <functional>
#include <memory>
#include <set>

#include "sim/attackers/hostile_engine.h"
#include "sim/checkers/liveness.h"
#include "sim/checkers/memory.h"
#include "sim/checkers/safety.h"
#include "sim/report/measure.h"
#include "sim/scenarios/pictures.h"
#include "sim/scenarios/population.h"
#include "sim/scenarios/scenario.h"

namespace swarmcast::sim {

// How things stand, once a virtual second.
struct Progress {
  double seconds = 0;
  double of_seconds = 0;
  size_t alive = 0;   // viewers
  size_t placed = 0;  // of them, with a way to the source
  int deepest = 0;    // hops
  DataRate target;    // of the picture
  uint64_t violations = 0;
};

class Simulation {
 public:
  explicit Simulation(const Scenario& scenario);

  // The world, before it runs: for tests that plant bugs in it.
  World& world() { return world_; }
  // Lets a test change what a viewer is created with.
  std::function<void(EngineOptions&)> alter_viewer;
  // And the source.
  std::function<void(EngineOptions&)> alter_source;

  // How each node came into the world, the source first: for running the same with real processes.
  struct Entered {
    NodeId through = 0;  // the source's own: itself
    size_t max_places = 0;
  };
  const std::vector<Entered>& entered() const { return entered_; }

  Summary run(const std::function<void(const Progress&)>& on_second = {});
  const Violations& violations() const { return violations_; }
  // How the hostile peers fared, at the end of the window.
  struct AttackOutcome {
    size_t peers = 0;     // hostile, and still there
    size_t children = 0;  // that they still feed, or seem to
    size_t learned = 0;   // addresses, by the one that knows most
  };
  const AttackOutcome& attack_outcome() const { return attack_outcome_; }
  // What plots are made of, after the run.
  const Measure& measure() const { return measure_; }
  // Virtual seconds since the beginning.
  double seconds_at(Instant t) const { return (t - start_).seconds_f(); }
  double seconds_now() const { return seconds_at(world_.now()); }

 private:
  void populate();
  void add_source();
  NodeId draw_entry();
  void join();
  void vanish(NodeId node);
  void publish_next();
  void publish_sound();
  DataRate target() const;
  void fill_payload(size_t size);
  void befall();
  void vanish_together();
  std::unique_ptr<Engine> disguise(NodeId node, std::unique_ptr<Engine> real);
  AttackOutcome look_at_attack() const;
  NodeOptions viewer_options();
  HostClock draw_clock();
  size_t places_for(DataRate uplink) const;
  Progress progress() const;
  bool measuring() const;

  Scenario scenario_;
  Violations violations_;
  World world_;
  Prng prng_;
  Prng clocks_;
  Instant start_;
  Timetable timetable_;
  SafetyChecker safety_;
  LivenessChecker liveness_;
  MemoryChecker memory_;
  Measure measure_;
  Pictures pictures_;
  std::vector<bool> hostile_;
  std::vector<std::shared_ptr<std::set<Endpoint>>> learned_;  // by each hostile one
  std::shared_ptr<Conspiracy> conspiracy_ = std::make_shared<Conspiracy>();
  AttackOutcome attack_outcome_;
  std::vector<Entered> entered_;
  std::vector<uint8_t> payload_;
  uint64_t published_ = 0;  // of both tracks
  uint64_t keys_given_ = 0;
};

}  // namespace swarmcast::sim
