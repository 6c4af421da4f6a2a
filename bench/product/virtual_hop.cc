// The lossy hop once more with two engines under virtual time: no machine's load is in it.
#include <sstream>

#include "bench/product/scenario.h"

namespace swarmcast::bench {

Row virtual_hop(const Setting& setting) {
  Row row{.id = "h",
          .title = "the hop of e under virtual time (engine_hop): the same on every machine"};
  const int64_t length = setting.quick ? 120 : 520;
  const auto hop =
      Process::start({.command = {test::program("engine_hop"), "--seconds", std::to_string(length)},
                      .limit = seconds(600)});
  if (!hop) throw NotRun("cannot start engine_hop");
  const auto exit = hop->wait_exit(seconds(600));
  if (!exit || exit->code != 0) throw NotRun("engine_hop failed: " + hop->text());
  std::istringstream lines(hop->text());
  std::string line;
  std::getline(lines, line);  // the heads of the columns
  while (std::getline(lines, line)) {
    double loss = 0, burst = 0, lost = 0, frames = 0, on_time = 0, overhead = 0, back = 0;
    if (!(std::istringstream(line) >> loss >> burst >> lost >> frames >> on_time >> overhead >>
          back))
      throw NotRun("engine_hop printed a line that is none of its own: " + line);
    std::string name = decimals(loss, 0) + " % loss";
    if (burst > 1) name += " in bursts of " + decimals(burst, 0);
    const bool in_issue = loss == 0 || loss == 10;
    std::optional<Bound> share, bytes;
    if (in_issue) {
      share = at_least(burst > 1 ? 99.5 : 99.9);
      bytes = at_most(loss == 0 ? 20 : 40);
    }
    row.figures.push_back({name + ": on time", on_time, "%", share});
    row.figures.push_back({name + ": overhead forward", overhead, "%", bytes});
    row.figures.push_back({name + ": backward", back, "%", {}});
  }
  row.sample = count(length * test::kFps) + " frames a line";
  return row;
}

}  // namespace swarmcast::bench
