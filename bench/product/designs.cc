// Our swarm beside other systems' ways of carrying a stream, on one simulated network.
#include <algorithm>
#include <thread>

#include "bench/product/scenario.h"
#include "bench/swarm/networks.h"
#include "bench/swarm/trial.h"

namespace swarmcast::bench {
namespace {

constexpr double kMostDuplicates = 3;  // percent
// Others are ready for anybody at once; ours takes its time to place newcomers.
constexpr Duration kOthersJoin = Duration::seconds(25);
// The delay of those that keep no deadline of under one second is measured with this one, too.
constexpr Duration kAmplePlayout = Duration::millis(2'500);

struct Compared {
  const char* id;
  const char* network;
  Duration playout;  // from capture, without the devices
  double on_time;    // percent
  double overhead;   // percent
};
constexpr Compared kCompared[] = {
    {"n1", "1 % loss", Duration::millis(590), 99.9, 23},
    {"n2", "10 % loss in bursts of 4", Duration::millis(840), 99, 37},
    {"n3", "uplink 1.15 x bound", Duration::millis(590), 99.9, 23},
};

struct Sample {
  size_t viewers;
  int64_t seconds;
  uint64_t seeds;
};

// One way of carrying a stream, over all seeds.
struct Line {
  std::string name;
  const sim::Baseline* design = nullptr;
  Duration playout;
  Means means;
};

std::vector<Line> lines_of(Duration playout, bool ample_too) {
  std::vector<Line> out = {{.name = "swarmcast", .playout = playout, .means = {}}};
  for (const sim::Baseline& b : sim::baselines())
    out.push_back({std::string(b.name), &b, playout, {}});
  if (ample_too)
    for (const char* name : {"pull-mesh", "gossipsub"})
      out.push_back({name + std::string(" at 2.5 s"), sim::find_baseline(name), kAmplePlayout, {}});
  return out;
}

double ratio(const std::optional<double>& ours, std::optional<double> other) {
  return ours && other && *other > 0 ? *ours / *other : kNotMeasured;
}

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
  const auto add = [&](const std::string& name, double value) {
    if (value == value) row.figures.push_back({name, value, "", {}});
  };
  add("ours / bound: network delay p50", ratio(ours.network_p50_ms, network.bound_p50_ms));
  add("ours / bound: network delay p95", ratio(ours.network_p95_ms, network.bound_p95_ms));
  for (const Line& line : lines) {
    if (!line.design) continue;
    add("ours / " + line.name + ": network delay p50",
        ratio(ours.network_p50_ms, line.means.network_p50_ms));
    add("ours / " + line.name + ": network delay p95",
        ratio(ours.network_p95_ms, line.means.network_p95_ms));
  }
}

Row compare(const Compared& c, const Sample& sample, int jobs) {
  const Watch watch;
  const Network& network = find_network(c.network);
  std::vector<Line> lines = lines_of(c.playout, network.bound_p95_ms.has_value());
  std::vector<Trial> trials;
  for (const Line& line : lines) {
    for (uint64_t seed = 1; seed <= sample.seeds; ++seed) {
      Trial t{.scenario = scenario_on(network, sample.viewers, sample.seconds, seed),
              .design = line.design};
      t.scenario.playout = line.playout;
      if (line.design) t.scenario.join_span = kOthersJoin;
      trials.push_back(t);
    }
  }
  const std::vector<TrialFigures> all = run_trials(trials, jobs);
  Row row{.id = c.id,
          .title = std::string("ours and other ways to carry a stream, simulated: ") + c.network};
  const auto seeds = static_cast<long>(sample.seeds);
  for (size_t i = 0; i < lines.size(); ++i) {
    const auto from = all.begin() + static_cast<long>(i) * seeds;
    lines[i].means = means({from, from + seeds});
    if (lines[i].means.crashed > 0) throw NotRun(lines[i].name + " crashed");
    add_figures(lines[i], c, row);
  }
  add_ratios(lines, network, row);
  row.sample = count(static_cast<int64_t>(sample.viewers)) + " viewers, " +
               std::to_string(sample.seeds) + " seeds of " + std::to_string(sample.seconds) +
               " s, uplinks " + decimals(trials.front().scenario.uplinks.factor, 2) +
               " x ordinary, playout " + std::to_string(c.playout.ms()) + " ms";
  watch.finish(row);
  return row;
}

}  // namespace

std::vector<Row> other_designs(const Setting& setting) {
  const Sample sample = setting.quick ? Sample{.viewers = 100, .seconds = 5, .seeds = 2}
                                      : Sample{.viewers = 500, .seconds = 5, .seeds = 2};
  const int jobs = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  std::vector<Row> rows;
  for (const Compared& c : kCompared) rows.push_back(compare(c, sample, jobs));
  return rows;
}

}  // namespace swarmcast::bench
