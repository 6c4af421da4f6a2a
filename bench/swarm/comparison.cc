#include "bench/swarm/comparison.h"

namespace swarmcast::bench {
namespace {

// Others are ready for anybody at once; ours takes its time to place newcomers.
constexpr Duration kOthersJoin = Duration::seconds(25);

constexpr Compared kCompared[] = {
    {"n1", "1 % loss", Duration::millis(590), 99.9, 23},
    {"n2", "10 % loss in bursts of 4", Duration::millis(840), 99, 37},
    {"n3", "uplink 1.15 x bound", Duration::millis(590), 99.9, 23},
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

}  // namespace

std::span<const Compared> comparisons() { return kCompared; }

std::vector<Line> run_comparison(const Compared& c, const Sample& sample) {
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
  const std::vector<TrialFigures> all = run_trials(trials, sample.jobs);
  const auto seeds = static_cast<long>(sample.seeds);
  for (size_t i = 0; i < lines.size(); ++i) {
    const auto from = all.begin() + static_cast<long>(i) * seeds;
    lines[i].means = means({from, from + seeds});
  }
  return lines;
}

std::optional<double> ratio(const std::optional<double>& ours, const std::optional<double>& other) {
  return ours && other && *other > 0 ? std::optional(*ours / *other) : std::nullopt;
}

}  // namespace swarmcast::bench
