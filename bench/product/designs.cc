// Our swarm beside other systems' ways of carrying a stream, on one simulated network.
#include <algorithm>
#include <thread>

#include "bench/product/scenario.h"
#include "bench/swarm/comparison.h"

namespace swarmcast::bench {
namespace {

constexpr double kMostDuplicates = 3;  // percent

void add_figures(const Line& line, const Compared& c, Row& row) {
  const Means& m = line.means;
  const bool ours = !line.design;
  const auto bound = [ours](Bound b) { return ours ? std::optional(b) : std::nullopt; };
  const std::string name = line.name + ": ";
  const auto delay = [&](const char* what, const std::optional<double>& ms) {
    if (ms)
      row.figures.push_back({name + what, *ms, "ms", {}});
    else
      row.notes.push_back(name + what + ": never, for too many were not shown");
  };
  delay("network delay p50", m.network_p50_ms);
  delay("network delay p95", m.network_p95_ms);
  if (line.playout != kAmplePlayout)
    row.figures.push_back({name + "on time", 100 * m.on_time, "%", bound(at_least(c.on_time))});
  row.figures.push_back({name + "overhead", 100 * m.overhead, "%", bound(at_most(c.overhead))});
  row.figures.push_back(
      {name + "duplicates", 100 * m.duplicates, "%", bound(at_most(kMostDuplicates))});
}

void add_ratios(const std::vector<Line>& lines, const Network& network, Row& row) {
  const Means& ours = lines.front().means;
  const auto add = [&](const std::string& name, const std::optional<double>& value) {
    if (value) row.figures.push_back({"ours / " + name, *value, "", {}});
  };
  add("bound: network delay p50", ratio(ours.network_p50_ms, network.bound_p50_ms));
  add("bound: network delay p95", ratio(ours.network_p95_ms, network.bound_p95_ms));
  for (const Line& line : lines) {
    if (!line.design) continue;
    add(line.name + ": network delay p50", ratio(ours.network_p50_ms, line.means.network_p50_ms));
    add(line.name + ": network delay p95", ratio(ours.network_p95_ms, line.means.network_p95_ms));
  }
}

Row compare(const Compared& c, const Sample& sample) {
  const Watch watch;
  Row row{.id = c.id,
          .title = std::string("ours and other ways to carry a stream, simulated: ") + c.network};
  const std::vector<Line> lines = run_comparison(c, sample);
  for (const Line& line : lines) {
    if (line.means.crashed > 0) throw NotRun(line.name + " crashed");
    add_figures(line, c, row);
  }
  const Network& network = find_network(c.network);
  add_ratios(lines, network, row);
  const sim::Scenario scenario = scenario_on(network, sample.viewers, sample.seconds, 1);
  row.sample = count(static_cast<int64_t>(sample.viewers)) + " viewers, " +
               std::to_string(sample.seeds) + (sample.seeds == 1 ? " seed of " : " seeds of ") +
               std::to_string(sample.seconds) + " s, uplinks " +
               decimals(scenario.uplinks.factor, 2) + " x ordinary, playout " +
               std::to_string(c.playout.ms()) + " ms";
  watch.finish(row);
  return row;
}

}  // namespace

std::vector<Row> other_designs(const Setting& setting) {
  Sample sample;
  if (setting.quick) sample = {.viewers = 100, .seeds = 2};
  sample.jobs = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  std::vector<Row> rows;
  for (const Compared& c : comparisons()) rows.push_back(compare(c, sample));
  return rows;
}

}  // namespace swarmcast::bench
