// What is known of one swarm, simulated or real. Both count in the same way.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace swarmcast::test {

struct SwarmFigures {
  size_t viewers = 0;
  // Capture to the moment a picture is due (or ready, if that is later), without the devices'
  // time, over all pairs of a viewer and a picture of the window; nullopt: never shown.
  std::optional<double> p50_ms, p95_ms;
  double on_time = 0;  // share of the pairs
  double hops_mean = 0;
  int hops_max = 0;
  double overhead = 0;  // all bytes sent, IP header up, over those of the pictures shown, less 1
  double repairs = 0;   // fragments sent again because of a NAK, per viewer and second
};

// Of several runs that differ in nothing but luck.
struct Spread {
  double mean = 0, least = 0, most = 0;  // infinite if a run's was
};

// "1.50 (1.20 to 1.90)"
std::string to_string(const Spread& spread);

// One line of a comparison.
struct Compared {
  std::string name, unit;
  Spread forecast, measured;
  // Share of the forecast by which the measurement is off, by the means; nullopt: one of them is
  // infinite.
  std::optional<double> off() const;
};

// How far apart the two may be, as a share of the forecast.
inline constexpr double kMostOff = 0.2;

// Neither may be empty.
std::vector<Compared> compare(const std::vector<SwarmFigures>& forecasts,
                              const std::vector<SwarmFigures>& measured);
// A table with a verdict a line.
std::string to_string(const std::vector<Compared>& lines);

}  // namespace swarmcast::test
