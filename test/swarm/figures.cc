#include "test/swarm/figures.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace swarmcast::test {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

template <typename Value>
Spread spread_of(const std::vector<SwarmFigures>& runs, Value value) {
  Spread out{.least = kNever, .most = -kNever};
  for (const SwarmFigures& run : runs) {
    const double v = value(run);
    out.mean += v / static_cast<double>(runs.size());
    out.least = std::min(out.least, v);
    out.most = std::max(out.most, v);
  }
  return out;
}

}  // namespace

std::string to_string(const Spread& s) {
  char text[80];
  std::snprintf(text, sizeof text, "%.2f (%.2f to %.2f)", s.mean, s.least, s.most);
  return text;
}

std::optional<double> Compared::off() const {
  if (!std::isfinite(forecast.mean) || !std::isfinite(measured.mean)) return std::nullopt;
  if (forecast.mean == measured.mean) return 0;
  return std::abs(measured.mean - forecast.mean) / std::abs(forecast.mean);
}

std::vector<Compared> compare(const std::vector<SwarmFigures>& forecasts,
                              const std::vector<SwarmFigures>& measured) {
  std::vector<Compared> out;
  const auto add = [&](const char* name, const char* unit, auto value) {
    out.push_back({name, unit, spread_of(forecasts, value), spread_of(measured, value)});
  };
  using F = SwarmFigures;
  add("latency, p50", "ms", [](const F& f) { return f.p50_ms.value_or(kNever); });
  add("latency, p95", "ms", [](const F& f) { return f.p95_ms.value_or(kNever); });
  add("pictures on time", "%", [](const F& f) { return 100 * f.on_time; });
  add("hops, mean", "", [](const F& f) { return f.hops_mean; });
  add("overhead", "%", [](const F& f) { return 100 * f.overhead; });
  add("NAKs answered, a viewer and second", "", [](const F& f) { return f.repairs; });
  return out;
}

std::string to_string(const std::vector<Compared>& lines) {
  std::string out;
  const auto add = [&out](const char* format, auto... words) {
    char text[200];
    std::snprintf(text, sizeof text, format, words...);
    out += text;
  };
  add("  %-34s %-2s %-28s %-28s %8s\n", "", "", "   simulator", "   measured", "off");
  for (const Compared& line : lines) {
    add("  %-34s %-2s %-28s %-28s ", line.name.c_str(), line.unit.c_str(),
        to_string(line.forecast).c_str(), to_string(line.measured).c_str());
    const auto off = line.off();
    if (off)
      add("%6.1f %%  %s\n", 100 * *off, *off <= kMostOff ? "agrees" : "DISAGREES");
    else
      add("%8s  DISAGREES\n", "-");
  }
  return out;
}

}  // namespace swarmcast::test
