#include "test/swarm/figures.h"

#include <cmath>
#include <cstdio>
#include <limits>

namespace swarmcast::test {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

}  // namespace

std::optional<double> Compared::off() const {
  if (!std::isfinite(forecast) || !std::isfinite(measured)) return std::nullopt;
  if (forecast == measured) return 0;
  return std::abs(measured - forecast) / std::abs(forecast);
}

std::vector<Compared> compare(const SwarmFigures& f, const SwarmFigures& m) {
  return {{"latency, p50", "ms", f.p50_ms.value_or(kNever), m.p50_ms.value_or(kNever)},
          {"latency, p95", "ms", f.p95_ms.value_or(kNever), m.p95_ms.value_or(kNever)},
          {"pictures on time", "%", 100 * f.on_time, 100 * m.on_time},
          {"hops, mean", "", f.hops_mean, m.hops_mean},
          {"overhead", "%", 100 * f.overhead, 100 * m.overhead},
          {"NAKs a viewer and second", "", f.naks, m.naks}};
}

std::string to_string(const std::vector<Compared>& lines) {
  std::string out;
  const auto add = [&out](const char* format, auto... words) {
    char text[160];
    std::snprintf(text, sizeof text, format, words...);
    out += text;
  };
  add("  %-26s %12s %12s %8s\n", "", "simulator", "measured", "off");
  for (const Compared& line : lines) {
    add("  %-26s %9.2f %-2s %9.2f %-2s ", line.name.c_str(), line.forecast, line.unit.c_str(),
        line.measured, line.unit.c_str());
    const auto off = line.off();
    if (off)
      add("%6.1f %%  %s\n", 100 * *off, *off <= kMostOff ? "agrees" : "DISAGREES");
    else
      add("%8s  DISAGREES\n", "-");
  }
  return out;
}

}  // namespace swarmcast::test
