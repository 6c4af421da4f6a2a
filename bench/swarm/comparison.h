// Our swarm and others' ways of carrying a stream, on the same networks and seeds.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "bench/swarm/networks.h"
#include "bench/swarm/trial.h"

namespace swarmcast::bench {

// Of a row n of the benchmark: a network, and what ours is to keep there.
struct Compared {
  const char* id;
  const char* network;
  Duration playout;  // of all of them, from capture, without the devices
  double on_time;    // percent
  double overhead;   // percent
};
std::span<const Compared> comparisons();

struct Sample {
  size_t viewers = 500;
  int64_t seconds = 5;
  uint64_t seeds = 1;
  int jobs = 1;  // at once
};

// The delay of those that keep no deadline of under one second is measured with this one, too.
inline constexpr Duration kAmplePlayout = Duration::millis(2'500);

// One way of carrying a stream, over all seeds.
struct Line {
  std::string name;
  const sim::Baseline* design = nullptr;  // none: ours
  Duration playout;
  Means means;
};
// Ours first.
std::vector<Line> run_comparison(const Compared& compared, const Sample& sample);

// The quotient of two delays; nullopt: one of them is infinite or unknown.
std::optional<double> ratio(const std::optional<double>& ours, const std::optional<double>& other);

}  // namespace swarmcast::bench
