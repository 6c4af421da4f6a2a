#include "cli/simulate.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/exit_codes.h"
#include "cli/print.h"
#include "cli/seeds.h"
#include "sim/baselines/baseline_run.h"
#include "sim/report/html_report.h"
#include "sim/report/report_file.h"
#include "sim/scenarios/scenario.h"
#include "sim/scenarios/simulation.h"
#include "sim/world/huge_pages.h"

namespace swarmcast::cli {
namespace {

using Json = nlohmann::ordered_json;
using sim::Property;
using sim::Scenario;
using AttackOutcome = sim::Simulation::AttackOutcome;
using sim::Summary;

// More than a viewer takes.
constexpr size_t kMostOfViewer = 1 << 20;

struct PlantName {
  const char* name;
  sim::Plant plant;
};
constexpr PlantName kPlants[] = {{"unverified", sim::Plant::kUnverified},
                                 {"unrelayed", sim::Plant::kUnrelayed},
                                 {"loyal", sim::Plant::kLoyal},
                                 {"crash", sim::Plant::kCrash}};

// The share that the swarm is to withstand (docs/simulate.md).
constexpr double kUsualHostileShare = 0.2;

std::string attack_options(const Scenario& s) {
  if (s.hostile == 0) return "";
  return fmt::format(" --attack {} --hostile {}", sim::name_of(s.attack), s.hostile * 100);
}

std::string plant_option(sim::Plant plant) {
  for (const PlantName& p : kPlants)
    if (p.plant == plant) return fmt::format(" --plant {}", p.name);
  return "";
}

// What is run, on what, and whether the result is to be a page, too.
struct Plan {
  Scenario scenario;
  const sim::Baseline* baseline = nullptr;  // in place of our engines
  std::optional<sim::ReportFile> report;
};

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
  if (const sim::Attack* attack = sim::find_attack(o.attack)) {
    s.attack = attack->kind;
    if (s.hostile == 0) s.hostile = kUsualHostileShare;
  }
  if (o.hostile_percent) s.hostile = *o.hostile_percent / 100;
  s.sound |= o.sound;
  s.adaptive |= o.adaptive;
  s.real_crypto |= o.real_crypto;
  return s;
}

// What to type to see the same again.
std::string replay_command(const Plan& plan) {
  const Scenario& s = plan.scenario;
  return fmt::format(
      "swarmcast simulate {} --viewers {} --seconds {} --seed {} --loss {} --burst {} --bitrate {} "
      "--playout {} --uplink {} --ring {} --nat {} --browsers {}{}{}{}{}{}{}{}",
      s.name, s.viewers, s.seconds, s.seed, s.loss * 100, s.burst, s.rate.kbps(), s.playout.ms(),
      s.uplinks.factor, s.ring.seconds_f(), s.nat * 100, s.browsers * 100,
      s.join_span > Duration() ? fmt::format(" --join {}", s.join_span.ms() / 1'000) : "",
      s.sound ? " --sound" : "", s.adaptive ? " --adaptive" : "",
      s.real_crypto ? " --real-crypto" : "", attack_options(s), plant_option(s.plant),
      plan.baseline ? fmt::format(" --design {}", plan.baseline->name) : "");
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
  void begin(const Plan& plan) const {
    const Scenario& s = plan.scenario;
    print_line({{"event", "scenario"},
                {"t", 0.0},
                {"scenario", s.name},
                {"design", plan.baseline ? plan.baseline->name : "swarmcast"},
                {"viewers", s.viewers},
                {"seconds", s.seconds},
                {"seed", s.seed},
                {"replay", replay_command(plan)}});
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
  void attack(double t, const Scenario& s, const AttackOutcome& o) const {
    print_line({{"event", "attack"},
                {"t", t},
                {"attack", sim::name_of(s.attack)},
                {"hostile", o.peers},
                {"children", o.children},
                {"learned", o.learned}});
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

  void begin(const Plan& plan) const {
    const Scenario& s = plan.scenario;
    const std::string runs = s.burst > 1 ? fmt::format(" in runs of {}", s.burst) : "";
    print(stdout,
          "{}: {}.\n{} viewers, {} s measured; {:.3g} % of the packets lost{}; uplinks times {}; "
          "seed {}\n",
          s.name, s.about, s.viewers, s.seconds, s.loss * 100, runs, s.uplinks.factor, s.seed);
    if (plan.baseline)
      print(stdout, "in place of ours: {}, {}\n", plan.baseline->name, plan.baseline->about);
    print(stdout, "({})\n", replay_command(plan));
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
  void attack(double, const Scenario& s, const AttackOutcome& o) const {
    print(stdout, "  attack: {:<26} {} hostile peers, with {} children; one knows {} addresses\n",
          sim::name_of(s.attack), o.peers, o.children, o.learned);
  }
  void end(double, const Summary& s) const {
    for (const auto& [what, value] : sim::summary_rows(s))
      print(stdout, "  {:<34} {}\n", what, value);
  }

 private:
  bool several_;
};

// False: it could not be written.
bool write_report(Plan& plan, const Summary& summary, const sim::Details& details,
                  std::vector<std::string> events) {
  if (!plan.report) return true;
  const Scenario& s = plan.scenario;
  const std::string carrier =
      plan.baseline ? fmt::format(", carried by {}", plan.baseline->name) : std::string();
  const sim::ReportHead head{
      .title = fmt::format("Simulated swarm: {}, {} viewers{}", s.name, s.viewers, carrier),
      .about =
          fmt::format("{}. {} s measured after all have joined, {} kbit/s, {} % loss, seed {}.",
                      s.about, s.seconds, s.rate.kbps(), s.loss * 100, s.seed),
      .command = replay_command(plan),
      .events = std::move(events)};
  std::string why;
  if (plan.report->write(sim::html_report(head, summary, details), why)) return true;
  print(stderr, "swarmcast: {}\n", why);
  return false;
}

// What others do is measured, not checked.
template <typename Output>
int simulate_baseline(Plan& plan, const Output& output) {
  sim::BaselineRun run(plan.scenario, *plan.baseline);
  const Summary summary = run.run([&](const sim::Progress& p) { output.second(p); });
  output.end(run.seconds_now(), summary);
  return write_report(plan, summary, run.measure().details(), {}) ? kExitOk : kExitInput;
}

template <typename Output>
int simulate(Plan plan, const Output& output) {
  output.begin(plan);
  sim::allocate_from_huge_pages(plan.scenario.viewers * kMostOfViewer);
  if (plan.baseline) return simulate_baseline(plan, output);
  sim::Simulation run(plan.scenario);
  const Summary summary = run.run([&](const sim::Progress& p) { output.second(p); });
  const sim::Violations& violations = run.violations();
  std::vector<std::string> events;
  for (const sim::Violation& v : violations.kept()) {
    const double t = run.seconds_at(v.at);
    output.violation(t, v);
    events.push_back(fmt::format("{:.3f} s, {}, node {}: {}", t, name(v.property), v.node, v.what));
  }
  if (plan.scenario.hostile > 0)
    output.attack(run.seconds_now(), plan.scenario, run.attack_outcome());
  output.end(run.seconds_now(), summary);
  if (violations.all() > 0)
    print(stderr, "swarmcast: to see the same again: {}\n", replay_command(plan));
  const bool written = write_report(plan, summary, run.measure().details(), std::move(events));
  if (violations.safety() > 0) return kExitUnsafe;
  if (violations.liveness() > 0) return kExitNotLive;
  return written ? kExitOk : kExitInput;
}

// What of `s` other designs have nothing of; nullptr: nothing.
const char* only_ours(const Scenario& s) {
  if (s.nat > 0) return "NATs";
  if (s.browsers > 0) return "browsers";
  if (s.sound) return "sound";
  if (s.adaptive) return "a rate that adapts";
  if (s.hostile > 0) return "attackers";
  if (s.real_crypto) return "cryptography";
  if (s.plant != sim::Plant::kNone) return "planted bugs";
  return nullptr;
}

}  // namespace

std::vector<std::string> planted_bugs() {
  std::vector<std::string> out;
  for (const PlantName& p : kPlants) out.emplace_back(p.name);
  return out;
}

std::vector<std::string> other_designs() {
  std::vector<std::string> out;
  for (const sim::Baseline& b : sim::baselines()) out.emplace_back(b.name);
  return out;
}

std::string design_list() {
  std::string out;
  for (const sim::Baseline& b : sim::baselines())
    out += fmt::format("  {:<15} {}\n", b.name, b.about);
  return out;
}

std::vector<std::string> attack_names() {
  std::vector<std::string> out;
  for (const sim::Attack& a : sim::attacks()) out.emplace_back(a.name);
  return out;
}

std::string attack_list() {
  std::string out;
  for (const sim::Attack& a : sim::attacks()) out += fmt::format("  {:<10} {}\n", a.name, a.about);
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
  Plan plan{.scenario = scenario, .baseline = sim::find_baseline(options.design), .report = {}};
  if (const char* what = only_ours(scenario); plan.baseline && what) {
    print(stderr, "swarmcast: {} is simulated without {}; leave them out, or --design\n",
          options.design, what);
    return kExitUsage;
  }
  std::string why;
  if (!options.report.empty()) {
    plan.report = sim::ReportFile::open(options.report, why);
    if (!plan.report) {
      print(stderr, "swarmcast: {}\n", why);
      return kExitInput;
    }
  }
  const auto run = [&](uint64_t seed) {
    plan.scenario.seed = seed;
    return options.json ? simulate(std::move(plan), JsonOutput())
                        : simulate(std::move(plan), TextOutput(options.seeds > 1));
  };
  if (options.seeds == 1) return run(scenario.seed);
  return run_seeds(scenario.seed, options.seeds, options.jobs, run);
}

}  // namespace swarmcast::cli
