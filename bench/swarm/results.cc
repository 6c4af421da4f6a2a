// swarm_results [--viewers N] [--seconds S] [--seeds N] [--jobs N]: the tables of
// docs/swarm-results.md, in Markdown. bench/swarm-results puts them there.
//
// Exit codes: 0, 1 a simulation crashed, 2 wrong arguments.
#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "bench/swarm/comparison.h"

namespace swarmcast::bench {
namespace {

constexpr double kMostDuplicates = 0.03;
constexpr double kMostNaks = 2;

std::string milliseconds(const std::optional<double>& ms) {
  return ms ? fmt::format("{:.0f} ms", *ms) : std::string("never");
}
std::string percent(double share) {
  const double value = share * 100;
  return fmt::format("{:.{}f} %", value, value > 99 && value < 100 ? 3 : 2);
}

// A line of the first table; `kept` is empty where nothing is aimed at.
void print_line(std::string_view network, std::string_view figure, std::string_view bound,
                std::string_view target, std::string_view today, std::optional<bool> kept) {
  const char* verdict = kept ? (*kept ? "yes" : "**no**") : "";
  fmt::print("| {} | {} | {} | {} | {} | {} |\n", network, figure, bound, target, today, verdict);
  std::fflush(stdout);
}

void print_share(const Network& n, const char* figure, double value, std::optional<double> target,
                 bool at_least) {
  const bool kept = target && (at_least ? value >= *target : value <= *target);
  print_line(n.name, figure, "",
             target ? fmt::format("{} {}", at_least ? "≥" : "≤", percent(*target)) : "",
             percent(value), target ? std::optional(kept) : std::nullopt);
}

void print_network(const Network& n, const Means& m) {
  print_line(n.name, "network delay p50", n.bound_p50_ms ? milliseconds(n.bound_p50_ms) : "", "",
             milliseconds(m.network_p50_ms), {});
  print_line(n.name, "network delay p95", n.bound_p95_ms ? milliseconds(n.bound_p95_ms) : "", "",
             milliseconds(m.network_p95_ms), {});
  print_line(n.name, "capture to presentation p95", "",
             n.p95_ms ? "< " + milliseconds(n.p95_ms) : "", milliseconds(m.p95_ms),
             n.p95_ms ? std::optional(m.p95_ms && *m.p95_ms < *n.p95_ms) : std::nullopt);
  print_share(n, "pictures on time", m.on_time, n.on_time, true);
  print_share(n, "base layer on time", m.base_on_time, n.base_on_time, true);
  print_share(n, "time without a picture", m.stall_share, n.stall_share, false);
  if (n.healed_seconds)
    print_line(
        n.name, "healed", "", fmt::format("≤ {:.0f} s", *n.healed_seconds),
        m.healed_seconds ? fmt::format("{:.0f} s", *m.healed_seconds) : "not within the window",
        m.healed_seconds && *m.healed_seconds <= *n.healed_seconds);
  print_share(n, "overhead", m.overhead, n.overhead, false);
  print_share(n, "duplicates", m.duplicates, kMostDuplicates, false);
  print_line(n.name, "hops, mean and most", "", "≤ 7",
             fmt::format("{:.1f}, {}", m.hops, m.hops_max), m.hops_max <= 7);
}

void add_trials(std::vector<Trial>& out, const Network& n, const Sample& sample, bool one_loss) {
  for (uint64_t seed = 1; seed <= sample.seeds; ++seed) {
    Trial t{.scenario = scenario_on(n, sample.viewers, sample.seconds, seed), .one_loss = one_loss};
    if (one_loss) {
      t.scenario.jitter = Duration();
      t.scenario.reordered = t.scenario.duplicated = 0;
    }
    out.push_back(t);
  }
}

// False: one crashed.
bool print_targets(const Sample& sample) {
  std::vector<Trial> trials;
  for (const Network& n : networks()) add_trials(trials, n, sample, false);
  add_trials(trials, find_network("no loss"), sample, true);
  const std::vector<TrialFigures> all = run_trials(trials, sample.jobs);
  const auto seeds = static_cast<long>(sample.seeds);
  bool whole = true;
  auto from = all.begin();
  const auto next_means = [&] {
    const Means m = means({from, from + seeds});
    from += seeds;
    whole &= m.crashed == 0;
    return m;
  };
  fmt::print("| network | figure | bound | target | today | kept |\n|---|---|---|---|---|---|\n");
  for (const Network& n : networks()) print_network(n, next_means());
  const Means lone = next_means();
  print_line("one packet lost at hop 1", "NAKs of all within 1 s", "1",
             fmt::format("≤ {:.0f}", kMostNaks), fmt::format("{:.1f}", lone.naks),
             lone.naks <= kMostNaks);
  return whole;
}

std::string quotient(const std::optional<double>& value) {
  return value ? fmt::format("{:.2f}", *value) : std::string("-");
}

bool print_comparisons(const Sample& sample) {
  bool whole = true;
  fmt::print(
      "\n| network | | network delay p50 | p95 | ours / it | on time | overhead | duplicates | "
      "hops "
      "|\n|---|---|---|---|---|---|---|---|---|\n");
  for (const Compared& c : comparisons()) {
    const std::vector<Line> lines = run_comparison(c, sample);
    const Means& ours = lines.front().means;
    const Network& network = find_network(c.network);
    if (network.bound_p95_ms)
      fmt::print("| {} | the bound | {} | {} | {}, {} | | | | |\n", c.network,
                 milliseconds(network.bound_p50_ms), milliseconds(network.bound_p95_ms),
                 quotient(ratio(ours.network_p50_ms, network.bound_p50_ms)),
                 quotient(ratio(ours.network_p95_ms, network.bound_p95_ms)));
    for (const Line& line : lines) {
      const Means& m = line.means;
      whole &= m.crashed == 0;
      fmt::print("| {} | {} | {} | {} | {}, {} | {} | {} | {} | {:.1f}, {} |\n", c.network,
                 line.name, milliseconds(m.network_p50_ms), milliseconds(m.network_p95_ms),
                 quotient(ratio(ours.network_p50_ms, m.network_p50_ms)),
                 quotient(ratio(ours.network_p95_ms, m.network_p95_ms)), percent(m.on_time),
                 percent(m.overhead), percent(m.duplicates), m.hops, m.hops_max);
    }
    std::fflush(stdout);
  }
  return whole;
}

int run(const Sample& sample) {
  fmt::print("Sample: {} viewers, {} s measured, seeds 1 to {}; means over the seeds.\n\n",
             sample.viewers, sample.seconds, sample.seeds);
  const bool targets = print_targets(sample);
  const bool others = print_comparisons(sample);
  return targets && others ? 0 : 1;
}

bool read_number(const char* text, auto& out) {
  const auto [end, error] = std::from_chars(text, text + std::strlen(text), out);
  return error == std::errc() && *end == '\0' && out > 0;
}

}  // namespace
}  // namespace swarmcast::bench

int main(int argc, char** argv) {
  swarmcast::bench::Sample sample;
  for (int i = 1; i < argc; i += 2) {
    const std::string_view name = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : "";
    const bool good =
        (name == "--viewers" && swarmcast::bench::read_number(value, sample.viewers)) ||
        (name == "--seconds" && swarmcast::bench::read_number(value, sample.seconds)) ||
        (name == "--seeds" && swarmcast::bench::read_number(value, sample.seeds)) ||
        (name == "--jobs" && swarmcast::bench::read_number(value, sample.jobs));
    if (!good) {
      fmt::print(stderr,
                 "usage: swarm_results [--viewers N] [--seconds S] [--seeds N] [--jobs N]\n");
      return 2;
    }
  }
  return swarmcast::bench::run(sample);
}
