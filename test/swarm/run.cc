#include "test/swarm/run.h"

#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>

#include "test/e2e/nodes.h"
#include "test/support/processor.h"

namespace swarmcast::test {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr seconds kJoinTime{20};
// Of a picture that makes the encoder use its bitrate.
constexpr const char* kSize = "640x360";
constexpr seconds kProcessLimit{300};
constexpr seconds kEndTime{10};
// Viewers that have been started and have no place yet, so that the machine keeps up.
constexpr size_t kJoiningAtOnce = 4;
// Pictures between the last viewer's first one and the window, as in the simulator's grace.
constexpr int64_t kSettling = 5 * kFps;
// Beyond the window's length, until what has not been shown counts as never shown.
constexpr seconds kPatience{10};

std::string us(Duration d) { return std::to_string(d.us()) + "us"; }
std::string bits(DataRate r) { return std::to_string(r.bps()) + "bit"; }

milliseconds left(steady_clock::time_point deadline) {
  return std::max(milliseconds(0),
                  std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now()));
}

double own_cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto in_seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return in_seconds(usage.ru_utime) + in_seconds(usage.ru_stime);
}

// Of `due` values, of which those that are not in `sorted` exceed all others.
std::optional<double> percentile(const std::vector<double>& sorted, size_t due, double share) {
  const auto rank = static_cast<size_t>(std::ceil(share * static_cast<double>(due)));
  if (rank == 0 || rank > sorted.size()) return std::nullopt;
  return sorted[rank - 1];
}

double share(size_t part, size_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

double number(const nlohmann::json& object, const char* name) { return object.value(name, 0.0); }
double time_of(const nlohmann::json& stats) { return number(stats, "t"); }

// Bytes a second of encoded pictures, by two reports of the source.
double media_rate(const nlohmann::json& before, const nlohmann::json& after) {
  return (number(after["bytes"], "media_in") - number(before["bytes"], "media_in")) /
         (time_of(after) - time_of(before));
}

class RealSwarm {
 public:
  explicit RealSwarm(const Forecast& forecast) : forecast_(forecast) {}

  // A sentence if there can be no such network here.
  std::optional<std::string> make_network();
  // A sentence if somebody does not get a place and a picture.
  std::optional<std::string> join();
  SwarmRun measure();
  // Ends the broadcast; how many processes did not end by that, and in good order.
  size_t end();

 private:
  // What stands on counters at one moment.
  struct Reading {
    int64_t at_us = 0;
    nlohmann::json network;
    std::vector<nlohmann::json> stats;  // of every node, the source's first
    double nodes_cpu = 0, emulator_cpu = 0, harness_cpu = 0;
    Ticks ticks;
  };
  Reading read();
  int64_t newest_picture() const;
  void await_picture(int64_t number, steady_clock::time_point deadline);
  void count_pictures(int64_t first, int64_t end, SwarmRun& out) const;
  void count_hops(const Reading& before, const Reading& after, SwarmFigures& out) const;
  double overhead(const Reading& before, const Reading& after, double shown) const;
  double repairs(const Reading& before, const Reading& after) const;
  double mean_target(const Reading& before, const Reading& after) const;

  const Forecast& forecast_;
  std::unique_ptr<Wan> wan_;
  std::vector<std::unique_ptr<Process>> nodes_;  // the source first
  std::vector<std::string> invites_;
};

std::optional<std::string> RealSwarm::make_network() {
  const sim::Scenario& s = forecast_.scenario;
  const size_t hosts = forecast_.hosts.size();
  std::string why;
  wan_ = Wan::create(hosts, &why, s.seed);
  if (!wan_) return why;
  char loss[80];
  std::snprintf(loss, sizeof loss, "loss=%g burst=%g", s.loss, s.burst);
  bool ok = wan_->every_link(std::string(loss) + " jitter=" + us(s.jitter));
  for (size_t i = 0; i < hosts && ok; ++i) {
    const sim::HostLines& lines = forecast_.hosts[i].lines;
    const auto access = [&](const char* side, DataRate rate) {
      return wan_->command(std::string(side) + " h" + std::to_string(i) + " rate=" + bits(rate) +
                           " queue=" + us(lines.queue));
    };
    ok = access("uplink", lines.up) && access("downlink", lines.down);
    for (size_t j = 0; j < i && ok; ++j) {
      const Duration delay = sim::one_way_delay(lines.place, forecast_.hosts[j].lines.place);
      ok = wan_->link(i, j, "delay=" + us(delay));
    }
  }
  return ok ? std::nullopt : std::optional<std::string>("the emulator refused the scenario");
}

std::optional<std::string> RealSwarm::join() {
  const ProcessOptions options{.limit = kProcessLimit};
  const auto children = [this](size_t host) {
    return Words{"--max-children", std::to_string(forecast_.hosts[host].max_places / kStripes)};
  };
  Words source = {"--bitrate", std::to_string(forecast_.scenario.rate.kbps()), "--size", kSize,
                  "--no-sound"};
  for (const std::string& word : children(0)) source.push_back(word);
  const size_t count = forecast_.hosts.size();
  const auto invited = [this](size_t host) {
    if (!invites_[host].empty()) return true;
    const auto event = nodes_[host]->wait_event("invite", kJoinTime);
    if (event) invites_[host] = event->value("url", "");
    return !invites_[host].empty();
  };
  invites_.resize(count);
  for (size_t i = 0; i < count; ++i) {
    const size_t entry = forecast_.hosts[i].entry;
    const size_t before = i > kJoiningAtOnce ? i - kJoiningAtOnce : 0;
    for (size_t needed : {before, entry}) {
      if (i > 0 && !invited(needed))
        return "host " + std::to_string(needed) + " found no place; " + say(*nodes_[needed]);
    }
    const Words command = i == 0 ? Words{"broadcast", "--input", "test"}
                                 : Words{"watch", invites_[entry], "--out", "none"};
    nodes_.push_back(start_node(place(*wan_, i), command, i == 0 ? source : children(i), options));
    if (!nodes_.back()) return "cannot start " + program("swarmcast");
  }
  const auto deadline = steady_clock::now() + kJoinTime;
  for (size_t i = 1; i < count; ++i) {
    if (!nodes_[i]->wait_event("picture", left(deadline)))
      return "host " + std::to_string(i) + " got no picture; " + say(*nodes_[i]);
  }
  return std::nullopt;
}

RealSwarm::Reading RealSwarm::read() {
  Reading out{.at_us = monotonic_us(),
              .network = wan_->host_stats(),
              .emulator_cpu = wan_->emulator_cpu_seconds(),
              .harness_cpu = own_cpu_seconds(),
              .ticks = read_ticks()};
  for (const auto& node : nodes_) {
    out.stats.push_back(last_stats(*node));
    out.nodes_cpu += node->cpu_seconds();
  }
  return out;
}

int64_t RealSwarm::newest_picture() const {
  int64_t out = 0;
  for (size_t i = 1; i < nodes_.size(); ++i) {
    if (const auto last = nodes_[i]->last_event("picture"))
      out = std::max(out, last->value("number", int64_t{0}));
  }
  return out;
}

// Until everybody has shown that picture or a later one, or the deadline.
void RealSwarm::await_picture(int64_t number, steady_clock::time_point deadline) {
  for (size_t i = 1; i < nodes_.size(); ++i) {
    nodes_[i]->wait_event("picture", left(deadline), [number](const auto& picture) {
      return picture.value("number", int64_t{0}) >= number;
    });
  }
}

void RealSwarm::count_pictures(int64_t first, int64_t end, SwarmRun& out) const {
  std::vector<double> delays, errors;
  size_t on_time = 0;
  // Of the stream's time.
  const int64_t zero_us = nodes_[0]->arrival_us("stream").value_or(0);
  const auto due_each = static_cast<size_t>(end - first);
  size_t least_shown = due_each;
  for (size_t i = 1; i < nodes_.size(); ++i) {
    const size_t before = delays.size();
    const auto pictures = nodes_[i]->events("picture");
    const auto arrivals = nodes_[i]->arrivals_us("picture");
    for (size_t p = 0; p < pictures.size() && p < arrivals.size(); ++p) {
      const int64_t at = pictures[p].value("number", int64_t{0});
      if (at < first || at >= end) continue;
      // By this machine's clock, which the viewer does not know to be the source's, too.
      const double ready_ms = static_cast<double>(arrivals[p] - zero_us) / 1e3;
      delays.push_back(ready_ms + number(pictures[p], "due_ms") -
                       number(pictures[p], "capture_ms"));
      errors.push_back(std::abs(number(pictures[p], "latency_ms") - delays.back()));
      on_time += pictures[p].value("on_time", false);
    }
    least_shown = std::min(least_shown, delays.size() - before);
  }
  std::sort(delays.begin(), delays.end());
  const size_t due = out.figures.viewers * due_each;
  out.figures.p50_ms = percentile(delays, due, 0.50);
  out.figures.p95_ms = percentile(delays, due, 0.95);
  std::sort(errors.begin(), errors.end());
  out.clock_error_ms = percentile(errors, errors.size(), 0.95).value_or(0);
  out.figures.on_time = share(on_time, due);
  out.shown = share(delays.size(), due);
  out.least_shown = share(least_shown, due_each);
  out.pictures = due_each;
}

void RealSwarm::count_hops(const Reading& before, const Reading& after, SwarmFigures& out) const {
  int64_t sum = 0, samples = 0;
  for (size_t i = 1; i < nodes_.size(); ++i) {
    for (const auto& stats : nodes_[i]->events("stats")) {
      const int hop = stats.value("hop", 0);
      const double t = time_of(stats);
      if (hop == 0 || t <= time_of(before.stats[i]) || t > time_of(after.stats[i])) continue;
      sum += hop;
      ++samples;
      out.hops_max = std::max(out.hops_max, hop);
    }
  }
  if (samples > 0) out.hops_mean = static_cast<double>(sum) / static_cast<double>(samples);
}

// By rates, as the network and the source are not read at the same moment.
double RealSwarm::overhead(const Reading& before, const Reading& after, double shown) const {
  double sent = 0;
  for (size_t i = 0; i < nodes_.size(); ++i)
    sent += number(after.network["hosts"][i], "bytes_sent") -
            number(before.network["hosts"][i], "bytes_sent");
  sent /= static_cast<double>(after.at_us - before.at_us) / 1e6;
  const double viewers = static_cast<double>(nodes_.size() - 1);
  return sent / (media_rate(before.stats[0], after.stats[0]) * viewers * shown) - 1;
}

// Each node's by its own clock.
double RealSwarm::repairs(const Reading& before, const Reading& after) const {
  double sum = 0;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const double span = time_of(after.stats[i]) - time_of(before.stats[i]);
    if (span > 0)
      sum += (number(after.stats[i]["repair"], "nak_answered") -
              number(before.stats[i]["repair"], "nak_answered")) /
             span;
  }
  return sum / static_cast<double>(nodes_.size() - 1);
}

double RealSwarm::mean_target(const Reading& before, const Reading& after) const {
  double sum = 0, samples = 0;
  for (const auto& stats : nodes_[0]->events("stats")) {
    if (time_of(stats) <= time_of(before.stats[0]) || time_of(stats) > time_of(after.stats[0]))
      continue;
    sum += number(stats, "target_kbps");
    ++samples;
  }
  return sum / samples;
}

SwarmRun RealSwarm::measure() {
  const auto length = forecast_.scenario.seconds;
  const int64_t first = newest_picture() + kSettling;
  const int64_t end = first + length * kFps;
  await_picture(first, steady_clock::now() + seconds(kSettling / kFps) + kPatience);
  const Reading before = read();
  await_picture(end, steady_clock::now() + seconds(length) + kPatience);
  const Reading after = read();
  SwarmRun out;
  out.figures.viewers = nodes_.size() - 1;
  count_pictures(first, end, out);
  count_hops(before, after, out.figures);
  out.figures.overhead = overhead(before, after, out.shown);
  out.figures.repairs = repairs(before, after);
  out.seconds = static_cast<double>(after.at_us - before.at_us) / 1e6;
  out.media_kbps = media_rate(before.stats[0], after.stats[0]) * 8 / 1e3;
  out.target_kbps = mean_target(before, after);
  out.emulator_cpu = (after.emulator_cpu - before.emulator_cpu) / out.seconds;
  out.nodes_cpu = (after.nodes_cpu - before.nodes_cpu) / out.seconds;
  out.harness_cpu = (after.harness_cpu - before.harness_cpu) / out.seconds;
  out.machine_busy = (after.ticks.busy - before.ticks.busy) / (after.ticks.all - before.ticks.all);
  const auto counted = [&](const char* group, const char* name) {
    return static_cast<uint64_t>(number(after.network[group], name) -
                                 number(before.network[group], name));
  };
  out.packets = counted("all_paths", "packets_in");
  out.lost = counted("all_paths", "lost");
  out.queue_drops = counted("all_paths", "queue_drops");
  out.releases = counted("lateness", "releases");
  out.released_late = counted("lateness", "over_1ms");
  out.overflow = counted("lateness", "overflow");
  out.latest_ms = number(after.network["lateness"], "worst_us") / 1e3;
  return out;
}

size_t RealSwarm::end() {
  nodes_.front()->signal(SIGTERM);
  const auto deadline = steady_clock::now() + kEndTime;
  size_t wrong = 0;
  for (const auto& node : nodes_) {
    const auto exit = node->wait_exit(left(deadline));
    wrong += !exit || exit->code != 0;
  }
  return wrong;
}

}  // namespace

std::variant<SwarmRun, NoSwarm> run_swarm(const Forecast& forecast) {
  RealSwarm swarm(forecast);
  if (const auto why = swarm.make_network()) return NoSwarm{.not_allowed = true, .why = *why};
  if (const auto why = swarm.join()) return NoSwarm{.not_allowed = false, .why = *why};
  SwarmRun out = swarm.measure();
  out.ended_wrongly = swarm.end();
  return out;
}

std::vector<std::string> describe(const SwarmRun& run) {
  std::vector<std::string> out;
  const auto add = [&out](const char* format, auto... words) {
    char text[200];
    std::snprintf(text, sizeof text, format, words...);
    out.emplace_back(text);
  };
  add("%zu pictures in %.1f s, %.0f kbit/s of them, aimed at %.0f; viewers know the source's clock "
      "to %.1f ms (p95)",
      run.pictures, run.seconds, run.media_kbps, run.target_kbps, run.clock_error_ms);
  add("of one processor: emulator %.1f %%, nodes %.1f %% in all, test program %.1f %%; of the "
      "machine in use: %.0f %%",
      100 * run.emulator_cpu, 100 * run.nodes_cpu, 100 * run.harness_cpu, 100 * run.machine_busy);
  add("emulator: %llu packets, %llu lost, %llu dropped by full queues; %llu of %llu handed over "
      "more than 1 ms late, at most %.1f ms; %llu dropped by itself",
      run.packets, run.lost, run.queue_drops, run.released_late, run.releases, run.latest_ms,
      run.overflow);
  return out;
}

}  // namespace swarmcast::test
