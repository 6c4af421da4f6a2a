#include "engine/repair/fec_policy.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/base/limits.h"

namespace swarmcast::repair {
namespace {

// What a lost frame is worth, in fragments sent: the base layer takes all frames up to the next key
// frame with it. Chosen with bench/hop_vs_srt/engine_budget.cc.
constexpr double kBaseWorth = 150;
constexpr double kUpperWorth = 60;
// The model knows of loss alone. Where few rounds fit, one that is merely delayed (a NAK that waits
// for more losses, a repair that is paced) comes too late as well; of two, the second most of all.
constexpr double kBaseWorthInOneRound = 200;
constexpr double kBaseWorthInTwoRounds = 400;
// Runs of losses hit repairs and NAKs harder than the model knows.
constexpr double kInRuns = 1.5;
constexpr double kBaseWorthInRuns = 400;
// Nor does it know that the uplink is shared with the picture. Beyond two thirds of what it
// protects, more parity costs twenty points of overhead for three frames in a thousand.
constexpr unsigned kMostParityOf = 3;
constexpr unsigned kMostParity = 2;

// All copies of a repair are lost no more often than this.
constexpr double kLastRepairLoss = 0.005;
constexpr unsigned kMaxCopies = 3;

// All proofs of a frame are lost no more often than this: a round trip more until it can be used.
constexpr double kProofsLost = 0.01;
constexpr unsigned kMinProofs = 2;
constexpr unsigned kMaxProofs = 4;

constexpr size_t kTail = 128;  // losses in a frame that are told apart

constexpr double kNegligible = 1e-9;

// Probabilities of 0, 1, 2, ... losses among n fragments, if they come in runs of geometric length
// with this mean: compound Poisson (Polya-Aeppli) by Panjer's recursion (1981), or binomial where
// losses are independent.
using Losses = std::array<double, kTail>;

Losses independent_losses(unsigned n, double loss) {
  Losses p{};
  p[0] = std::pow(1 - loss, n);
  for (unsigned i = 1; i < kTail && i <= n; ++i)
    p[i] = p[i - 1] * (n - i + 1) / i * loss / (1 - loss);
  return p;
}

Losses losses_in_runs(unsigned n, double loss, double burst) {
  Losses p{};
  const double runs = n * loss / burst;
  const double stays = 1 - 1 / burst;
  p[0] = std::exp(-runs);
  for (unsigned i = 1; i < kTail; ++i) {
    double weight = 1 / burst;
    for (unsigned j = 1; j <= i && weight > kNegligible; ++j, weight *= stays)
      p[i] += j * weight * p[i - j];
    p[i] *= runs / i;
  }
  return p;
}

// What becomes of one lost fragment that is asked for.
struct Fate {
  double lost = 1;     // it never comes
  double repairs = 0;  // sent for it
};

// A round fails if the repair is lost or all copies of the NAK are; the last one sends several
// repairs.
Fate fate_of(const FecInputs& in, double loss, double burst) {
  const double soon = std::max(loss, 1 - 1 / burst);  // of a message soon after a lost one
  const double nak_lost = loss * soon;
  const unsigned copies = last_repair_copies(loss);
  Fate fate;
  for (unsigned i = 1; i <= in.rounds; ++i) {
    const bool last = i == in.rounds;
    const double repair_lost = last ? loss * std::pow(soon, copies - 1) : loss;
    fate.repairs += fate.lost * (1 - nak_lost) * (last ? copies : 1);
    fate.lost *= std::min(1.0, nak_lost + repair_lost);
  }
  return fate;
}

double base_worth(double burst, unsigned rounds) {
  if (burst > kInRuns) return kBaseWorthInRuns;
  if (rounds > 2) return kBaseWorth;
  return rounds == 2 ? kBaseWorthInTwoRounds : kBaseWorthInOneRound;
}

}  // namespace

unsigned last_repair_copies(double loss) {
  unsigned copies = 2;
  while (copies < kMaxCopies && std::pow(loss, copies) > kLastRepairLoss) ++copies;
  return copies;
}

unsigned proofs_for(double loss) {
  unsigned proofs = kMinProofs;
  while (proofs < kMaxProofs && std::pow(loss, proofs) > kProofsLost) ++proofs;
  return proofs;
}

unsigned parity_fragments(const FecInputs& in) {
  const double loss = std::clamp(in.loss, 0.0, 0.5);
  if (!(loss > 0)) return 0;
  // Independent losses make runs, too: of 1 / (1 - loss) on average.
  const double burst = std::clamp(in.burst * (1 - loss), 1.0, 50.0);
  const Fate fate = fate_of(in, loss, burst);
  const double worth = in.temporal_id == 0 ? base_worth(burst, in.rounds) : kUpperWorth;
  const unsigned most = std::min<unsigned>((in.k * kMostParity + kMostParityOf - 1) / kMostParityOf,
                                           static_cast<unsigned>(kMaxFragmentsPerFrame) - in.k);
  unsigned best = 0;
  double least = INFINITY;
  for (unsigned r = 0; r <= most; ++r) {
    const unsigned n = in.k + r;
    const Losses p = burst < 1.3 ? independent_losses(n, loss) : losses_in_runs(n, loss, burst);
    double repairs = 0, frame_lost = 0, rest = 1;
    for (unsigned x = 0; x < kTail; ++x) {
      rest -= p[x];
      if (x <= r) continue;
      const unsigned lacking = x - r;
      repairs += p[x] * lacking * fate.repairs;
      frame_lost += p[x] * (1 - std::pow(1 - fate.lost, lacking));
    }
    const double cost = r + repairs + worth * (frame_lost + std::max(rest, 0.0));
    if (cost < least) least = cost, best = r;
  }
  return best;
}

}  // namespace swarmcast::repair
