// product_bench --root FOLDER [--quick] [--json] [--only LETTERS]: the figures that the product is
// judged by, each beside its bound. docs/bench.md explains the rows. FOLDER is the work tree.
//
// Exit codes: 0 every figure keeps its bound, 1 some do not or could not be measured, 2 wrong
// arguments.
#include <cstdio>
#include <cstring>

#include "bench/product/scenario.h"

namespace swarmcast::bench {
namespace {

struct Scenario {
  const char* letter;  // of its rows
  const char* title;   // for when there are none
  std::function<std::vector<Row>(const Setting&)> run;
};

template <Row (*Measure)(const Setting&)>
std::vector<Row> one(const Setting& setting) {
  const Watch watch;
  Row row = Measure(setting);
  watch.finish(row);
  return {row};
}

const Scenario kScenarios[] = {
    {"a", "glass to glass, one hop", one<loopback_latency>},
    {"a", "glass to glass, seven hops", one<chain_latency>},
    {"b", "processor time of a relay", one<relay_cpu>},
    {"c", "link set-up", one<link_setup>},
    {"d", "memory of a relay", one<relay_memory>},
    {"e", "one lossy hop", overhead},
    {"f", "joining a running stream", one<joining>},
    {"g", "a relay is killed", one<relay_kill>},
    {"h", "the lossy hop under virtual time", one<virtual_hop>},
    {"i", "set-up of a prepared link", one<ice_set_up>},
    {"i", "a hundred prepared links", one<ice_links>},
    {"w", "Chromium and the native transport", one<browser_hop>},
    {"srt", "one hop beside SRT's", hop_vs_srt},
    {"k", "congestion of an uplink", congestion},
    {"z", "zeroing memory as it is freed", one<wiping_cost>},
    {"m", "a real swarm beside the simulator", one<real_swarm>},
    {"n", "other ways to carry a stream, simulated", other_designs},
};

int run(const Setting& setting, bool json, const std::string& only) {
  Report report(json);
  report.begin(setting.quick);
  for (const Scenario& scenario : kScenarios) {
    if (!only.empty() && only.find(scenario.letter) == std::string::npos) continue;
    try {
      for (const Row& row : scenario.run(setting)) report.add(row);
    } catch (const NotRun& reason) {
      report.add({.id = scenario.letter, .title = scenario.title, .not_run = reason.what()});
    }
  }
  report.end();
  return report.all_kept() ? 0 : 1;
}

}  // namespace
}  // namespace swarmcast::bench

int main(int argc, char** argv) {
  swarmcast::bench::Setting setting;
  bool json = false;
  std::string only;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--quick") {
      setting.quick = true;
    } else if (word == "--json") {
      json = true;
    } else if (word == "--only" && i + 1 < argc) {
      only = argv[++i];
    } else if (word == "--root" && i + 1 < argc) {
      setting.root = argv[++i];
    } else {
      std::fprintf(stderr,
                   "bench: I don't know '%s'. Options: --quick (fewer samples), --json (a line a "
                   "row), --only LETTERS (rows, e.g. --only ae)\n",
                   word.c_str());
      return 2;
    }
  }
  setting.thorough = only == "srt" && !setting.quick;
  return swarmcast::bench::run(setting, json, only);
}
