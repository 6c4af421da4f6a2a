#include "sim/net/delay_map.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace swarmcast::sim {
namespace {

constexpr double kLeastDelay = 10;  // ms
constexpr double kMostDelay = 100;
constexpr double kLeastAccess = 3;
constexpr double kMostAccess = 12;

struct Region {
  double share;  // of all people
  double x, y;
  double spread;
};

constexpr Region kRegions[] = {
    {0.35, 0, 0, 6}, {0.25, 15, 4, 6}, {0.15, -20, 7, 7}, {0.15, 26, -14, 7}, {0.10, -32, -13, 6},
};

// About normal, with mean 0 and deviation 1: the sum of twelve uniform ones. Unlike the library's,
// the same to the bit on every machine.
double normal(Prng& prng) {
  double sum = -6;
  for (int i = 0; i < 12; ++i) sum += prng.uniform();
  return sum;
}

}  // namespace

Place draw_place(Prng& prng) {
  double at = prng.uniform();
  const Region* region = kRegions;
  while (at >= region->share && region + 1 != std::end(kRegions)) at -= region++->share;
  Place place;
  place.x = region->x + normal(prng) * region->spread;
  place.y = region->y + normal(prng) * region->spread;
  place.access = kLeastAccess + prng.uniform() * (kMostAccess - kLeastAccess);
  return place;
}

Duration one_way_delay(const Place& a, const Place& b) {
  const double dx = a.x - b.x, dy = a.y - b.y;
  const double ms = std::sqrt(dx * dx + dy * dy) + a.access + b.access;
  return Duration::micros(static_cast<int64_t>(std::clamp(ms, kLeastDelay, kMostDelay) * 1'000));
}

}  // namespace swarmcast::sim
