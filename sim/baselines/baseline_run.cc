#include "sim/baselines/baseline_run.h"

#include <algorithm>

namespace swarmcast::sim {
namespace {

constexpr Duration kSecond = Duration::seconds(1);

Duration playout_of(const Scenario& s) {
  return s.playout > Duration() ? s.playout : kBaselinePlayout;
}

}  // namespace

BaselineRun::BaselineRun(const Scenario& s, const Baseline& baseline)
    : scenario_(s),
      swarm_(s.seed, paths_of(s), playout_of(s)),
      start_(swarm_.now()),
      timetable_(s, start_),
      measure_(swarm_, timetable_.begin, timetable_.end, kPicturePeriod),
      design_(baseline.make(swarm_, s.rate)) {
  swarm_.set_design(*design_);
  swarm_.set_measure(measure_);
}

Summary BaselineRun::run(const std::function<void(const Progress&)>& on_second) {
  populate();
  const Timetable& t = timetable_;
  for (int64_t second = 1; swarm_.now() < t.stop; ++second) {
    const Instant until = std::min(start_ + kSecond * second, t.stop);
    swarm_.run_until(until);
    if (t.begin <= until && until < t.end) {
      measure_.sample_depths();
      befall();
    }
    if (on_second) on_second(progress());
  }
  return measure_.summary();
}

void BaselineRun::populate() {
  swarm_.join(source_lines(scenario_));
  const Timetable& t = timetable_;
  swarm_.schedule(t.first_picture, [this] { publish_next(); });
  for (size_t i = 0; i < scenario_.viewers; ++i) swarm_.schedule(t.join(i), [this] { join(); });
  swarm_.schedule(t.begin, [this] { measure_.on_begin(); });
  swarm_.schedule(t.end, [this] { measure_.on_end(); });
  if (scenario_.vanishing > 0)
    swarm_.schedule(t.begin + (t.end - t.begin) / 2, [this] { vanish_together(); });
}

void BaselineRun::join() {
  const auto node = static_cast<NodeId>(swarm_.size());
  swarm_.join(viewer_lines(scenario_, node));
  measure_.expect(node, swarm_.now() + kJoinGrace);
}

void BaselineRun::vanish(NodeId node) {
  measure_.excuse(node);
  swarm_.vanish(node);
}

void BaselineRun::vanish_together() {
  for (NodeId node = 1; node < swarm_.size(); ++node)
    if (swarm_.alive(node) && vanishes_with_others(scenario_, node)) vanish(node);
}

void BaselineRun::befall() {
  const Instant now = swarm_.now();
  const int64_t second = (now - start_).us() / kSecond.us();
  const auto count = static_cast<NodeId>(swarm_.size());
  for (NodeId node = 1; node < count; ++node) {
    if (!swarm_.alive(node)) continue;
    const Fate fate = fate_of(scenario_, node, second);
    if (fate.vanishes) {
      swarm_.schedule(now + *fate.vanishes, [this, node] {
        vanish(node);
        join();
      });
    }
    if (fate.outage) {
      swarm_.schedule(now + *fate.outage, [this, node, length = fate.outage_length] {
        swarm_.cut(node, swarm_.now() + length);
      });
    }
  }
}

void BaselineRun::publish_next() {
  if (swarm_.now() >= timetable_.stop) return;
  swarm_.publish(pictures_.next(scenario_.rate));
  swarm_.schedule(swarm_.now() + kPicturePeriod, [this] { publish_next(); });
}

Progress BaselineRun::progress() const {
  Progress out{.seconds = seconds_now()};
  out.of_seconds = (timetable_.stop - start_).seconds_f();
  for (NodeId node = 1; node < swarm_.size(); ++node) {
    if (!swarm_.alive(node)) continue;
    const int hop = swarm_.sample(node).hop;
    ++out.alive;
    out.placed += hop > 0;
    out.deepest = std::max(out.deepest, hop);
  }
  return out;
}

}  // namespace swarmcast::sim
