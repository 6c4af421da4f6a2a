// A forecast swarm as real processes, one in each host of the emulated network: a broadcaster of
// the test picture and viewers that pass on, count and decode nothing.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "test/swarm/forecast.h"

namespace swarmcast::test {

struct SwarmRun {
  SwarmFigures figures;
  double shown = 0;           // share of all pairs of a viewer and a picture
  double least_shown = 0;     // of the pictures, by the viewer who has shown fewest
  size_t pictures = 0;        // of the window
  double seconds = 0;         // of wall time, from the window's first to its last picture
  double media_kbps = 0;      // of the encoded pictures, as published
  double target_kbps = 0;     // what the source told its encoder to aim at, mean
  double clock_error_ms = 0;  // of the viewers' estimates of the source's clock, p95
  size_t ended_wrongly = 0;   // processes that did not end with the broadcast, in good order
  // Shares of one processor, while it was measured.
  double emulator_cpu = 0;
  double nodes_cpu = 0;  // all of them together
  double harness_cpu = 0;
  double machine_busy = 0;  // share of all processors, 0..1, whoever used them
  // The emulator's honesty.
  uint64_t packets = 0, lost = 0, queue_drops = 0;
  uint64_t releases = 0, released_late = 0;  // by more than 1 ms
  double latest_ms = 0;
  uint64_t overflow = 0;  // packets it had to drop itself
};

struct NoSwarm {
  bool not_allowed = false;  // this machine has no such network; else the swarm did not come about
  std::string why;
};

std::variant<SwarmRun, NoSwarm> run_swarm(const Forecast& forecast);

// What it took, in lines to print under the comparison.
std::vector<std::string> describe(const SwarmRun& run);

}  // namespace swarmcast::test
