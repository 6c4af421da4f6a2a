#include "test/swarm/forecast.h"

namespace swarmcast::test {
namespace {

constexpr auto kRate = DataRate::kbps(400);
constexpr Duration kJoinInterval = Duration::millis(250);

uint64_t repairs_so_far(sim::Simulation& run) {
  sim::World& world = run.world();
  uint64_t all = 0;
  for (sim::NodeId node = 0; node < world.size(); ++node)
    all += world.stats(node).repair.nak_answered;
  return all;
}

void add_run(const sim::Scenario& scenario, Forecast& out) {
  sim::Simulation run(scenario);
  const double settle = sim::Measure::kSettle.seconds_f();
  std::optional<uint64_t> repairs_before, repairs_after;
  double counted_from = 0, counted_to = 0;
  const sim::Summary summary = run.run([&](const sim::Progress& p) {
    const double end = p.of_seconds - settle;
    const double begin = end - static_cast<double>(scenario.seconds);
    if (p.seconds < begin || p.seconds > end) return;
    repairs_after = repairs_so_far(run);
    counted_to = p.seconds;
    if (repairs_before) return;
    repairs_before = repairs_after;
    counted_from = p.seconds;
  });
  out.violations += summary.violations;
  const auto on_network = [](std::optional<double> ms) {
    return ms ? std::optional(*ms - static_cast<double>(sim::kDeviceTime.ms())) : std::nullopt;
  };
  const double viewer_seconds = (counted_to - counted_from) * static_cast<double>(summary.viewers);
  const double repairs = repairs_before ? static_cast<double>(*repairs_after - *repairs_before) : 0;
  out.runs.push_back({.viewers = summary.viewers,
                      .p50_ms = on_network(summary.p50_ms),
                      .p95_ms = on_network(summary.p95_ms),
                      .on_time = summary.on_time,
                      .hops_mean = summary.hops_mean,
                      .hops_max = summary.hops_max,
                      .overhead = summary.overhead,
                      .repairs = viewer_seconds > 0 ? repairs / viewer_seconds : 0});
  if (!out.hosts.empty()) return;
  for (size_t i = 0; i < run.entered().size(); ++i) {
    const auto& entered = run.entered()[i];
    out.hosts.push_back({.lines = run.world().network().lines(static_cast<sim::HostId>(i)),
                         .entry = entered.through,
                         .max_places = entered.max_places});
  }
}

}  // namespace

sim::Scenario swarm_of(size_t nodes, int64_t seconds, uint64_t seed) {
  sim::Scenario out = sim::scenarios().front();
  out.viewers = nodes - 1;
  out.seconds = seconds;
  out.seed = seed;
  out.rate = kRate;
  out.adaptive = true;
  out.ring = kDefaultRingSpan;
  out.join_span = kJoinInterval * static_cast<int64_t>(out.viewers);
  out.reordered = 0;
  out.duplicated = 0;
  return out;
}

Forecast forecast(const sim::Scenario& scenario, uint64_t variants) {
  Forecast out{.scenario = scenario};
  for (uint64_t variant = 0; variant < variants; ++variant) {
    sim::Scenario one = scenario;
    one.variant = variant;
    add_run(one, out);
  }
  return out;
}

}  // namespace swarmcast::test
