#include "sim/net/loss_model.h"

namespace swarmcast::sim {

bool LossModel::set(double mean, double burst) {
  if (!(mean >= 0 && mean <= 1) || !(burst >= 0 && burst <= 1e6)) return false;
  if (burst > 1 && mean < 1 && mean / (1 - mean) > burst) return false;
  mean_ = mean;
  burst_ = burst;
  bad_ = false;
  return true;
}

bool LossModel::lose(Prng& prng) {
  if (burst_ <= 1 || mean_ >= 1) return prng.chance(mean_);
  // Stationary share of the bad state: p = in / (in + out) with out = 1 / burst.
  const double leave_bad = 1 / burst_;
  const double enter_bad = mean_ / (1 - mean_) * leave_bad;
  bad_ = bad_ ? !prng.chance(leave_bad) : prng.chance(enter_bad);
  return bad_;
}

}  // namespace swarmcast::sim
