// Where people are, and how long a packet takes from one to the other.
#pragma once

#include "engine/base/random.h"
#include "engine/base/time.h"

namespace swarmcast::sim {

// A point on a map whose unit is a millisecond of one-way delay, and the way from there to the
// first router (Vivaldi's coordinates with height: Dabek et al., SIGCOMM 2004).
struct Place {
  double x = 0;
  double y = 0;
  double access = 0;
};

// Five regions, the two nearest with most of the people: one-way delays of 10 to 100 ms, 40 on
// average.
Place draw_place(Prng& prng);

// Between any two places, 10 to 100 ms. The same in both directions.
Duration one_way_delay(const Place& a, const Place& b);

}  // namespace swarmcast::sim
