#include "bench/swarm/trial.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <type_traits>

#include "sim/baselines/baseline_run.h"
#include "sim/checkers/faulty_engine_for_test.h"
#include "sim/scenarios/simulation.h"

namespace swarmcast::bench {
namespace {

// Of the share of pictures that were on time before.
constexpr double kHealed = 0.99;

static_assert(std::is_trivially_copyable_v<TrialFigures>, "processes share it as bytes");

double on_time(const sim::SecondOfRun& second) {
  return second.due > 0 ? static_cast<double>(second.on_time) / static_cast<double>(second.due) : 0;
}

// From the middle of the window on: the first second from which all are as good as before.
double healed_seconds(const std::vector<sim::SecondOfRun>& seconds) {
  const size_t middle = seconds.size() / 2;
  double before = 0;
  for (size_t i = 0; i < middle; ++i) before += on_time(seconds[i]) / static_cast<double>(middle);
  size_t good_from = seconds.size();
  while (good_from > middle && on_time(seconds[good_from - 1]) >= kHealed * before) --good_from;
  return good_from == seconds.size() ? -1 : static_cast<double>(good_from - middle);
}

template <typename Run>
TrialFigures figures_of(Run& run) {
  TrialFigures out;
  out.summary = run.run();
  out.healed_seconds = healed_seconds(run.measure().details().seconds);
  out.done = true;
  return out;
}

// Long after a loss has been repaired.
constexpr Duration kRepairTime = Duration::seconds(1);
constexpr uint8_t kNakType = 0x50;  // spec/README.md, "The first byte"

class NakCounter final : public sim::Observer {
 public:
  void on_sent(Instant now, sim::NodeId, ByteSpan message) override {
    naks_ +=
        from_ <= now && now < from_ + kRepairTime && !message.empty() && message[0] == kNakType;
  }
  void count_from(Instant from) { from_ = from; }
  double naks() const { return naks_; }

 private:
  Instant from_ = Instant::never();
  double naks_ = 0;
};

// Certainly a fragment, and not the end of a picture.
bool is_big(size_t bytes) { return bytes > kMaxMessageSize / 2; }

TrialFigures run_one_loss(const Trial& trial) {
  sim::Simulation run(trial.scenario);
  NakCounter counter;
  run.world().observe(counter);
  const Instant from = sim::Timetable(trial.scenario, run.world().now()).begin;
  const auto lose_one = [&, lost = false](Output& output) mutable {
    const auto* out = std::get_if<output::Transmit>(&output);
    const bool media = out && out->lane == output::Lane::kMedia && is_big(out->message.size());
    if (lost || !media || run.world().now() < from) return true;
    lost = true;
    counter.count_from(run.world().now());
    return false;
  };
  run.world().wrap = [&](sim::NodeId node,
                         std::unique_ptr<Engine> real) -> std::unique_ptr<Engine> {
    if (node != 0) return real;
    auto source = std::make_unique<sim::FaultyEngine>(std::move(real));
    source->alter = lose_one;
    return source;
  };
  TrialFigures out = figures_of(run);
  out.naks = counter.naks();
  return out;
}

TrialFigures run_trial(const Trial& trial) {
  if (trial.one_loss) return run_one_loss(trial);
  if (trial.design) {
    sim::BaselineRun run(trial.scenario, *trial.design);
    return figures_of(run);
  }
  sim::Simulation run(trial.scenario);
  return figures_of(run);
}

}  // namespace

std::vector<TrialFigures> run_trials(const std::vector<Trial>& trials, int jobs) {
  const size_t bytes = std::max<size_t>(trials.size(), 1) * sizeof(TrialFigures);
  void* shared = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return std::vector<TrialFigures>(trials.size());
  auto* results = static_cast<TrialFigures*>(shared);
  std::uninitialized_default_construct_n(results, trials.size());
  std::vector<pid_t> running;
  const auto wait_for_one = [&running] {
    waitpid(running.front(), nullptr, 0);
    running.erase(running.begin());
  };
  std::fflush(nullptr);
  for (size_t i = 0; i < trials.size(); ++i) {
    if (running.size() >= static_cast<size_t>(jobs)) wait_for_one();
    const pid_t process = fork();
    if (process == 0) {
      results[i] = run_trial(trials[i]);
      _exit(EXIT_SUCCESS);
    }
    if (process > 0) running.push_back(process);
  }
  while (!running.empty()) wait_for_one();
  std::vector<TrialFigures> out(results, results + trials.size());
  munmap(shared, bytes);
  return out;
}

namespace {

void add_infinite(std::optional<double>& sum, const std::optional<double>& value, double share) {
  sum = sum && value ? std::optional(*sum + *value * share) : std::nullopt;
}

}  // namespace

Means means(const std::vector<TrialFigures>& figures) {
  Means out;
  out.p50_ms = out.p95_ms = out.network_p50_ms = out.network_p95_ms = out.healed_seconds = 0;
  const auto done = std::ranges::count(figures, true, &TrialFigures::done);
  for (const TrialFigures& f : figures) {
    if (!f.done) {
      ++out.crashed;
      continue;
    }
    const double share = 1 / static_cast<double>(done);
    const sim::Summary& s = f.summary;
    add_infinite(out.p50_ms, s.p50_ms, share);
    add_infinite(out.p95_ms, s.p95_ms, share);
    add_infinite(out.network_p50_ms, s.network_p50_ms, share);
    add_infinite(out.network_p95_ms, s.network_p95_ms, share);
    out.on_time += s.on_time * share;
    out.base_on_time += s.base_on_time * share;
    out.stall_share += s.stall_share * share;
    out.overhead += s.overhead * share;
    out.duplicates += s.duplicates * share;
    out.hops += s.hops_mean * share;
    out.hops_max = std::max(out.hops_max, s.hops_max);
    out.naks += f.naks * share;
    out.violations += s.violations;
    out.viewers += s.viewers;
    if (f.healed_seconds < 0)
      out.healed_seconds.reset();
    else if (out.healed_seconds)
      out.healed_seconds = std::max(*out.healed_seconds, f.healed_seconds);
  }
  return out;
}

}  // namespace swarmcast::bench
