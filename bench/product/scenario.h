// The scenarios of the benchmark: each starts real processes, measures, and gives its rows.
#pragma once

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "bench/product/report.h"
#include "test/e2e/nodes.h"

namespace swarmcast::bench {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Place;
using test::Process;
using test::Words;

inline void sleep_for(milliseconds time) { std::this_thread::sleep_for(time); }

struct Setting {
  bool quick = false;     // fewer samples
  bool thorough = false;  // more of them, where a row offers that
  std::string root;       // of the work tree
};

// A scenario that cannot be measured here says why with this; its row is then "not run".
struct NotRun : std::runtime_error {
  using std::runtime_error::runtime_error;
};

Row loopback_latency(const Setting&);
Row chain_latency(const Setting&);
Row relay_cpu(const Setting&);
Row link_setup(const Setting&);
Row relay_memory(const Setting&);
std::vector<Row> overhead(const Setting&);
Row joining(const Setting&);
Row relay_kill(const Setting&);
Row virtual_hop(const Setting&);
Row ice_set_up(const Setting&);
Row ice_links(const Setting&);
Row browser_hop(const Setting&);
std::vector<Row> hop_vs_srt(const Setting&);
std::vector<Row> congestion(const Setting&);
Row wiping_cost(const Setting&);
Row real_swarm(const Setting&);
std::vector<Row> other_designs(const Setting&);

// --- what they share ---------------------------------------------------------------------------

// An emulated network; throws NotRun where it is not allowed.
std::unique_ptr<test::Wan> make_wan(size_t hosts, const std::string& settings);

// Nodes that may run for long; throw NotRun if they do not start.
struct Node {
  std::unique_ptr<Process> process;
  std::string invite;
};
Node start_broadcast(const Place& place, const Words& more = {});
Node start_relay(const Place& place, const std::string& invite, const Words& more = {});
// A viewer that shows nothing.
std::unique_ptr<Process> start_watch(const Place& place, const std::string& invite,
                                     const Words& more = {});
// A viewer whose pictures arrive here.
struct Screen {
  std::unique_ptr<Process> process;
  std::unique_ptr<test::NutReader> reader;
  int64_t started_us = 0;
  ~Screen() { process.reset(); }
};
std::unique_ptr<Screen> watch_pictures(const Place& place, const std::string& invite,
                                       const Words& more = {});

// The first stats event from now on that satisfies `wanted`; throws NotRun, saying `what` did not
// happen, if there is none in time.
nlohmann::json await_stats(Process& node, const std::string& what, milliseconds timeout,
                           const Process::Predicate& wanted = {});

// frames.on_time / frames.expected between two stats events, in percent, and how many that is.
struct Share {
  double percent = 0;
  int64_t frames = 0;
};
Share on_time(const nlohmann::json& before, const nlohmann::json& after);
std::string frame_sentence(const nlohmann::json& before, const nlohmann::json& after);

// 12345 -> "12,345".
std::string count(int64_t n);
std::string decimals(double v, int digits);

}  // namespace swarmcast::bench
