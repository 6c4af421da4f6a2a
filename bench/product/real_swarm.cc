// A swarm of sixty real processes on an emulated network, beside the simulator's forecast.
#include <algorithm>

#include "bench/product/scenario.h"
#include "engine/base/limits.h"
#include "test/swarm/run.h"

namespace swarmcast::bench {
namespace {

constexpr size_t kNodes = 60;
constexpr uint64_t kSeed = 1;

void add_figures(const std::vector<test::Compared>& lines, Row& row) {
  for (const test::Compared& line : lines) {
    const auto off = line.off();
    row.figures.push_back({line.name + ": simulator", line.forecast.mean, line.unit, {}});
    row.figures.push_back({line.name + ": measured", line.measured.mean, line.unit, {}});
    row.figures.push_back({line.name + ": off by", off ? 100 * *off : kNotMeasured, "%",
                           at_most(100 * test::kMostOff)});
  }
}

}  // namespace

Row real_swarm(const Setting& setting) {
  const int runs = setting.quick ? 1 : 3;
  const int64_t length = setting.quick ? 15 : 30;
  const uint64_t variants = setting.quick ? 4 : 8;
  Row row{.id = "m",
          .title =
              "a swarm of 60 processes, 400 kbit/s, 1 % loss, delays of 10 to 100 ms, beside "
              "the simulator's forecast for it"};
  const test::Forecast forecast = test::forecast(test::swarm_of(kNodes, length, kSeed), variants);
  std::vector<test::SwarmFigures> measured;
  int hops = 0;
  for (int i = 0; i < runs; ++i) {
    const auto result = test::run_swarm(forecast);
    if (const auto* none = std::get_if<test::NoSwarm>(&result)) throw NotRun(none->why);
    const auto& run = std::get<test::SwarmRun>(result);
    measured.push_back(run.figures);
    hops = std::max(hops, run.figures.hops_max);
    for (const std::string& line : test::describe(run)) row.notes.push_back(line);
  }
  row.sample = std::to_string(runs) + (runs == 1 ? " run of " : " runs of ") +
               std::to_string(length) + " s; " + std::to_string(variants) +
               " simulations of the same hosts";
  const auto lines = test::compare(forecast.runs, measured);
  add_figures(lines, row);
  row.figures.push_back(
      {"deepest viewer, hops", static_cast<double>(hops), "", at_most(kMaxDepth)});
  for (const test::Compared& line : lines)
    row.notes.push_back(line.name + " by run: simulator " + test::to_string(line.forecast) +
                        ", measured " + test::to_string(line.measured));
  return row;
}

}  // namespace swarmcast::bench
