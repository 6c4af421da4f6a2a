// Which packets of a path are lost.
#pragma once

#include "engine/base/random.h"

namespace swarmcast::sim {

// Independent loss, or Gilbert's two-state model (Gilbert 1960: everything is lost in the bad
// state) with a given mean loss and mean length of a run of losses.
class LossModel {
 public:
  // 0 <= mean <= 1. `burst` <= 1: independent. False, and nothing changed, if no such chain exists
  // (a run must be at least mean / (1 - mean) long).
  bool set(double mean, double burst);
  bool lose(Prng& prng);
  double mean() const { return mean_; }
  double burst() const { return burst_; }

 private:
  double mean_ = 0;
  double burst_ = 1;
  bool bad_ = false;
};

}  // namespace swarmcast::sim
