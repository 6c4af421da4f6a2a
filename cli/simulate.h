// `swarmcast simulate`: runs a scenario of sim/ and prints its figures.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace swarmcast::cli {

// What is not given is the scenario's own.
struct SimulateOptions {
  std::string scenario;  // a name; empty: the first one
  std::string design;    // another system's way in place of ours; empty: ours
  std::string report;    // where to write a page; empty: nowhere
  std::optional<int64_t> viewers;
  std::optional<int64_t> seconds;
  std::optional<uint64_t> seed;
  int seeds = 1;  // from that one on
  int jobs = 1;   // at once
  std::optional<double> loss_percent;
  std::optional<double> burst;
  std::optional<double> nat_percent;
  std::optional<double> browsers_percent;
  std::optional<int64_t> bitrate_kbps;
  std::optional<int64_t> playout_ms;
  std::optional<double> uplink;
  std::optional<int64_t> join_seconds;
  std::optional<double> ring_seconds;
  bool sound = false;
  bool adaptive = false;
  std::string attack;  // its name; empty: the scenario's
  std::optional<double> hostile_percent;
  std::string plant;  // a bug's name; empty: none
  bool real_crypto = false;
  bool json = false;
};

// Gives the exit code: 0, kExitUnsafe, kExitNotLive, or kExitInput if the report was not written.
int run_simulate(const SimulateOptions& options);

// What SimulateOptions::design may be, and a line each on what they are.
std::vector<std::string> other_designs();
std::string design_list();

// What SimulateOptions::plant may be.
std::vector<std::string> planted_bugs();
// What SimulateOptions::attack may be, and a line each on what they are.
std::vector<std::string> attack_names();
std::string attack_list();

// The names of all scenarios, with a line each on what they are.
std::string scenario_list();

}  // namespace swarmcast::cli
