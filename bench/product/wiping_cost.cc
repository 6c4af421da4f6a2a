// What it costs to zero all memory as it is freed: the program beside itself without that.
#include <signal.h>

#include "bench/product/scenario.h"

namespace swarmcast::bench {
namespace {

constexpr const char* kKbps = "2000";

std::unique_ptr<Process> start(const std::string& name, Words words) {
  words.insert(words.begin(), test::program(name));
  words.insert(words.end(), {"--json", "--listen", "127.0.0.1:0"});
  auto out = Process::start({.command = words, .limit = seconds(300)});
  if (!out || !out->wait_event("invite", seconds(10))) throw NotRun(name + " did not start");
  return out;
}

// A broadcaster, a viewer that decodes and a relay, all of one program.
constexpr const char* kRoles[] = {"broadcaster", "viewer", "relay"};
struct Trio {
  std::vector<std::unique_ptr<Process>> nodes;
  std::vector<double> begun;

  explicit Trio(const std::string& name) {
    nodes.push_back(start(name, {"broadcast", "--input", "test", "--bitrate", kKbps}));
    const std::string invite = nodes[0]->last_event("invite")->value("url", "");
    nodes.push_back(start(name, {"watch", invite, "--parent-only", "--out", "null"}));
    nodes.push_back(start(name, {"relay", invite, "--parent-only"}));
    for (const size_t child : {1, 2})
      await_stats(*nodes[child], "receiving the stream", seconds(20),
                  [](const auto& stats) { return stats["bytes"].value("media_in", 0) > 500'000; });
  }
  void begin() {
    for (const auto& node : nodes) begun.push_back(node->cpu_seconds());
  }
  double took(size_t role) const { return nodes[role]->cpu_seconds() - begun[role]; }
};

}  // namespace

Row wiping_cost(const Setting& setting) {
  const seconds length(setting.quick ? 10 : 60);
  Row row{.id = "z", .title = "processor time of zeroing all memory as it is freed, 2 Mbit/s"};
  Trio wiping("swarmcast"), plain("swarmcast-unwiped");
  wiping.begin();
  plain.begin();
  sleep_for(length);
  for (size_t role = 0; role < std::size(kRoles); ++role) {
    const double without = plain.took(role);
    const double more = without > 0 ? 100 * (wiping.took(role) / without - 1) : kNotMeasured;
    row.figures.push_back({std::string("more, ") + kRoles[role], more, "%", at_most(5)});
    row.figures.push_back({std::string("a second, ") + kRoles[role],
                           1e3 * without / static_cast<double>(length.count()),
                           "ms",
                           {}});
  }
  // A crash, as the end that waits for nobody. Those that are fed first: the source's end is
  // theirs.
  for (size_t role = std::size(kRoles); role-- > 0;) {
    Process& node = *wiping.nodes[role];
    const int64_t begun = test::monotonic_us();
    node.signal(SIGABRT);
    if (!node.wait_exit(seconds(10))) throw NotRun("a node did not end");
    const double ms = static_cast<double>(test::monotonic_us() - begun) / 1e3;
    row.figures.push_back({std::string("wiped and gone, ") + kRoles[role], ms, "ms", at_most(100)});
  }
  row.sample = "six processes at once, " + std::to_string(length.count()) + " s";
  return row;
}

}  // namespace swarmcast::bench
