#include "cli/simulate.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/exit_codes.h"
#include "cli/print.h"
#include "cli/seeds.h"
#include "sim/report/html_report.h"
#include "sim/report/report_file.h"
#include "sim/scenarios/scenario.h"
#include "sim/scenarios/simulation.h"

namespace swarmcast::cli {
namespace {

using Json = nlohmann::ordered_json;
using sim::Property;
using sim::Scenario;
using sim::Summary;

struct PlantName {
  const char* name;
  sim::Plant plant;
};
constexpr PlantName kPlants[] = {{"unverified", sim::Plant::kUnverified},
                                 {"unrelayed", sim::Plant::kUnrelayed},
                                 {"crash", sim::Plant::kCrash}};

std::string plant_option(sim::Plant plant) {
  for (const PlantName& p : kPlants)
    if (p.plant == plant) return fmt::format(" --plant {}", p.name);
  return "";
}

Scenario apply(const SimulateOptions& o, Scenario s) {
  if (o.viewers) s.viewers = static_cast<size_t>(*o.viewers);
  if (o.seconds) s.seconds = *o.seconds;
  if (o.seed) s.seed = *o.seed;
  if (o.loss_percent) s.loss = *o.loss_percent / 100;
  if (o.burst) s.burst = *o.burst;
  if (o.nat_percent) s.nat = *o.nat_percent / 100;
  if (o.browsers_percent) s.browsers = *o.browsers_percent / 100;
  if (o.bitrate_kbps) s.rate = DataRate::kbps(*o.bitrate_kbps);
  if (o.playout_ms) s.playout = Duration::millis(*o.playout_ms);
  if (o.uplink) s.uplinks.factor = *o.uplink;
  if (o.join_seconds) s.join_span = Duration::seconds(*o.join_seconds);
  if (o.ring_seconds) s.ring = Duration::micros(static_cast<int64_t>(*o.ring_seconds * 1e6));
  for (const PlantName& p : kPlants)
    if (o.plant == p.name) s.plant = p.plant;
  s.sound |= o.sound;
  s.adaptive |= o.adaptive;
  s.real_crypto |= o.real_crypto;
  return s;
}

// What to type to see the same again.
std::string replay_command(const Scenario& s) {
  return fmt::format(
      "swarmcast simulate {} --viewers {} --seconds {} --seed {} --loss {} --burst {} --bitrate {} "
      "--playout {} --uplink {} --ring {} --nat {} --browsers {}{}{}{}{}{}",
      s.name, s.viewers, s.seconds, s.seed, s.loss * 100, s.burst, s.rate.kbps(), s.playout.ms(),
      s.uplinks.factor, s.ring.seconds_f(), s.nat * 100, s.browsers * 100,
      s.join_span > Duration() ? fmt::format(" --join {}", s.join_span.ms() / 1'000) : "",
      s.sound ? " --sound" : "", s.adaptive ? " --adaptive" : "",
      s.real_crypto ? " --real-crypto" : "", plant_option(s.plant));
}

const char* name(Property property) {
  return property == Property::kSafety ? "safety" : "liveness";
}

// To as many places as say something.
double rounded(double value, int places) {
  const double unit = std::pow(10, places);
  return std::round(value * unit) / unit;
}

Json or_null(const std::optional<double>& value) {
  return value ? Json(rounded(*value, 1)) : Json();
}

void print_line(const Json& line) { print(stdout, "{}\n", line.dump()); }

class JsonOutput {
 public:
  void begin(const Scenario& s) const {
    print_line({{"event", "scenario"},
                {"t", 0.0},
                {"scenario", s.name},
                {"viewers", s.viewers},
                {"seconds", s.seconds},
                {"seed", s.seed},
                {"replay", replay_command(s)}});
    std::fflush(stdout);  // a crash would take it along
  }
  void second(const sim::Progress& p) const {
    print_line({{"event", "progress"},
                {"t", p.seconds},
                {"viewers", p.alive},
                {"placed", p.placed},
                {"deepest", p.deepest},
                {"target_kbps", p.target.kbps()},
                {"violations", p.violations}});
    std::fflush(stdout);
  }
  void violation(double t, const sim::Violation& v) const {
    print_line({{"event", "violation"},
                {"t", t},
                {"property", name(v.property)},
                {"node", v.node},
                {"text", v.what}});
  }
  void end(double t, const Summary& s) const {
    print_line(
        {{"event", "summary"},
         {"t", t},
         {"viewers", s.viewers},
         {"latency_ms",
          {{"p50", or_null(s.p50_ms)}, {"p95", or_null(s.p95_ms)}, {"p99", or_null(s.p99_ms)}}},
         {"hops", {{"mean", rounded(s.hops_mean, 3)}, {"max", s.hops_max}}},
         {"on_time", rounded(s.on_time, 6)},
         {"stall_share", rounded(s.stall_share, 6)},
         {"overhead", rounded(s.overhead, 4)},
         {"duplicates", rounded(s.duplicates, 6)},
         {"uplink_used", rounded(s.uplink_used, 4)},
         {"violations", s.violations}});
  }
};

class TextOutput {
 public:
  // `several`: others run beside it, so there is no place to show how far it is.
  explicit TextOutput(bool several) : several_(several) {}

  void begin(const Scenario& s) const {
    print(stdout, "{}: {}.\n{} viewers, {} s measured, seed {}\n", s.name, s.about, s.viewers,
          s.seconds, s.seed);
    print(stdout, "({})\n", replay_command(s));
    std::fflush(stdout);
  }
  // One line that is written over again; only for somebody who looks.
  void second(const sim::Progress& p) const {
    if (several_ || isatty(STDERR_FILENO) != 1) return;
    print(stderr, "\r  {:.0f} of {:.0f} s   {} viewers, {} placed, {} hops, {} violations   ",
          p.seconds, p.of_seconds, p.alive, p.placed, p.deepest, p.violations);
    if (p.seconds >= p.of_seconds) print(stderr, "\r{:78}\r", "");
    std::fflush(stderr);
  }
  void violation(double t, const sim::Violation& v) const {
    print(stdout, "  {:8.3f} s  {:<8}  node {}: {}\n", t, name(v.property), v.node, v.what);
  }
  void end(double, const Summary& s) const {
    for (const auto& [what, value] : sim::summary_rows(s))
      print(stdout, "  {:<34} {}\n", what, value);
  }

 private:
  bool several_;
};

// False: it could not be written.
bool write_report(sim::ReportFile& file, const Scenario& s, const Summary& summary,
                  const sim::Simulation& run) {
  sim::ReportHead head{
      .title = fmt::format("Simulated swarm: {}, {} viewers", s.name, s.viewers),
      .about =
          fmt::format("{}. {} s measured after all have joined, {} kbit/s, {} % loss, seed {}.",
                      s.about, s.seconds, s.rate.kbps(), s.loss * 100, s.seed),
      .command = replay_command(s),
      .events = {}};
  for (const sim::Violation& v : run.violations().kept())
    head.events.push_back(fmt::format("{:.3f} s, {}, node {}: {}", run.seconds_at(v.at),
                                      name(v.property), v.node, v.what));
  std::string why;
  if (file.write(sim::html_report(head, summary, run.measure().details()), why)) return true;
  print(stderr, "swarmcast: {}\n", why);
  return false;
}

template <typename Output>
int simulate(const Scenario& scenario, std::optional<sim::ReportFile> report,
             const Output& output) {
  output.begin(scenario);
  sim::Simulation run(scenario);
  const Summary summary = run.run([&](const sim::Progress& p) { output.second(p); });
  const sim::Violations& violations = run.violations();
  for (const sim::Violation& v : violations.kept()) output.violation(run.seconds_at(v.at), v);
  output.end(run.seconds_now(), summary);
  if (violations.all() > 0)
    print(stderr, "swarmcast: to see the same again: {}\n", replay_command(scenario));
  const bool written = !report || write_report(*report, scenario, summary, run);
  if (violations.safety() > 0) return kExitUnsafe;
  if (violations.liveness() > 0) return kExitNotLive;
  return written ? kExitOk : kExitInput;
}

}  // namespace

std::vector<std::string> planted_bugs() {
  std::vector<std::string> out;
  for (const PlantName& p : kPlants) out.emplace_back(p.name);
  return out;
}

std::string scenario_list() {
  std::string out;
  for (const Scenario& s : sim::scenarios()) out += fmt::format("  {:<10} {}\n", s.name, s.about);
  return out;
}

int run_simulate(const SimulateOptions& options) {
  const Scenario* named =
      options.scenario.empty() ? &sim::scenarios().front() : sim::find_scenario(options.scenario);
  if (!named) {
    print(stderr, "swarmcast: there is no scenario '{}'. There are:\n{}", options.scenario,
          scenario_list());
    return kExitUsage;
  }
  const Scenario scenario = apply(options, *named);
  if (scenario.burst > 1 && scenario.loss / (1 - scenario.loss) > scenario.burst) {
    print(stderr, "swarmcast: runs of {} packets are too short for a loss of {} %\n",
          scenario.burst, scenario.loss * 100);
    return kExitUsage;
  }
  if (options.seeds > 1 && !options.report.empty()) {
    print(stderr, "swarmcast: --report shows one run; leave out --seeds, or name one --seed\n");
    return kExitUsage;
  }
  std::optional<sim::ReportFile> report;
  std::string why;
  if (!options.report.empty()) {
    report = sim::ReportFile::open(options.report, why);
    if (!report) {
      print(stderr, "swarmcast: {}\n", why);
      return kExitInput;
    }
  }
  const auto run = [&](uint64_t seed) {
    Scenario one = scenario;
    one.seed = seed;
    return options.json ? simulate(one, std::move(report), JsonOutput())
                        : simulate(one, std::move(report), TextOutput(options.seeds > 1));
  };
  if (options.seeds == 1) return run(scenario.seed);
  return run_seeds(scenario.seed, options.seeds, options.jobs, run);
}

}  // namespace swarmcast::cli
