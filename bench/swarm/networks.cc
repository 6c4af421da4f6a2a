#include "bench/swarm/networks.h"

#include <algorithm>

#include "engine/base/check.h"

namespace swarmcast::bench {
namespace {

constexpr Network kNetworks[] = {
    {.name = "no loss", .scenario = "swarm", .loss = 0, .overhead = 0.20},
    {.name = "1 % loss",
     .scenario = "swarm",
     .p95_ms = 700,
     .on_time = 0.999,
     .bound_p50_ms = 293,
     .bound_p95_ms = 345},
    {.name = "5 % loss",
     .scenario = "swarm",
     .loss = 0.05,
     .p95_ms = 800,
     .on_time = 0.999,
     .base_on_time = 0.9995,
     .overhead = 0.28},
    {.name = "10 % loss",
     .scenario = "swarm",
     .loss = 0.10,
     .p95_ms = 950,
     .on_time = 0.995,
     .base_on_time = 0.999,
     .overhead = 0.37},
    {.name = "10 % loss in bursts of 4",
     .scenario = "swarm",
     .loss = 0.10,
     .burst = 4,
     .on_time = 0.99,
     .base_on_time = 0.999},
    {.name = "churn, 1.5 x bound",
     .scenario = "churn",
     .uplink = 1.5 * kLeastUplink,
     .stall_share = 0.001},
    {.name = "30 % vanish", .scenario = "vanish", .healed_seconds = 2},
    {.name = "uplink 1.15 x bound",
     .scenario = "swarm",
     .uplink = 1.15 * kLeastUplink,
     .on_time = 0.999},
    {.name = "uplink 0.8 x bound",
     .scenario = "swarm",
     .uplink = 0.8 * kLeastUplink,
     .base_on_time = 0.999},
};

}  // namespace

std::span<const Network> networks() { return kNetworks; }

const Network& find_network(std::string_view name) {
  const auto found = std::ranges::find(kNetworks, name, &Network::name);
  SWARMCAST_CHECK(found != std::end(kNetworks));
  return *found;
}

sim::Scenario scenario_on(const Network& network, size_t viewers, int64_t seconds, uint64_t seed) {
  sim::Scenario s = *sim::find_scenario(network.scenario);
  s.viewers = viewers;
  s.seconds = seconds;
  s.seed = seed;
  s.loss = network.loss;
  s.burst = network.burst;
  if (network.uplink) s.uplinks.factor = *network.uplink;
  return s;
}

}  // namespace swarmcast::bench
