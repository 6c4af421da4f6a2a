// The networks that swarms are judged on, with what swarm designs aim at on them.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "sim/scenarios/scenario.h"

namespace swarmcast::bench {

// Uplinks, as a multiple of those of ordinary phones, at which all together just carry the stream:
// (u_s + sum u_i) / N = R (1 + o) (Kumar, Liu and Ross, INFOCOM 2007), for many viewers.
inline constexpr double kLeastUplink = 0.74;

// Shares are 0 to 1.
struct Network {
  const char* name;
  const char* scenario;  // its name in the simulator
  double loss = 0.01;
  double burst = 1;
  std::optional<double> uplink = {};  // factor; none: the scenario's own
  // What is aimed at. A p95 includes the devices.
  std::optional<double> p95_ms = {}, on_time = {}, base_on_time = {}, overhead = {};
  std::optional<double> stall_share = {}, healed_seconds = {};
  // The least network delay that is possible there, where it is known: p50 and p95.
  std::optional<double> bound_p50_ms = {}, bound_p95_ms = {};
};

std::span<const Network> networks();
// `network` must be one of them.
const Network& find_network(std::string_view name);

sim::Scenario scenario_on(const Network& network, size_t viewers, int64_t seconds, uint64_t seed);

}  // namespace swarmcast::bench
