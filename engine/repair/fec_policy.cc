#include "engine/repair/fec_policy.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/base/limits.h"

namespace swarmcast::repair {
namespace {

// Encoding, decoding and waiting for the screen.
constexpr Duration kDevice = Duration::millis(10);
// What a round takes beyond the round trip.
constexpr Duration kRoundMargin = Duration::millis(5);

// Share of frames that may be incomplete at their deadline after repair: the base layer takes all
// frames up to the next key frame with it.
constexpr double kBaseTarget = 1e-4;
constexpr double kUpperTarget = 5e-4;

// What parity may cost where NAKs have time to work: these fractions of the fragments expected to
// be lost. Chosen with bench/repair_model.cc so that 10 % of loss costs less than 40 % in all.
constexpr double kBaseShareManyRounds = 1.0;
constexpr double kUpperShareManyRounds = 0.1;
constexpr double kBaseShareOneRound = 2.5;
constexpr double kUpperShareOneRound = 1.5;

// Probability that a fragment is still missing after the first copy and `rounds` repairs. A round
// fails if the repair is lost or all three copies of the NAK are; the last one sends two repairs.
double residual_loss(double loss, double burst, unsigned rounds) {
  const double stays_bad = 1 - 1 / burst;  // a message just after a lost one is lost as well
  const double next = std::max(loss, stays_bad * stays_bad);  // ... and one a few later
  const double nak_lost = loss * next * next;
  double residual = loss;
  for (unsigned i = 1; i <= rounds; ++i)
    residual *= std::min(1.0, nak_lost + (i == rounds ? loss * next : loss));
  return residual;
}

// Probability that more than r of n fragments are missing, if they go missing in runs of geometric
// length with this mean: a compound Poisson (Polya-Aeppli) tail by Panjer's recursion (1981).
double probability_of_more_than(unsigned r, unsigned n, double loss, double burst) {
  std::array<double, kMaxFragmentsPerFrame + 1> p{};
  const double runs = n * loss / burst;
  const double stays = 1 - 1 / burst;
  p[0] = std::exp(-runs);
  double sum = p[0];
  for (unsigned i = 1; i <= r; ++i) {
    double weight = 1 / burst;
    for (unsigned j = 1; j <= i; ++j, weight *= stays) p[i] += j * weight * p[i - j];
    p[i] *= runs / i;
    sum += p[i];
  }
  return std::max(0.0, 1 - sum);
}

unsigned most_parity(const FecInputs& in, unsigned rounds) {
  const unsigned limit =
      std::min<unsigned>(in.k, static_cast<unsigned>(kMaxFragmentsPerFrame) - in.k);
  if (rounds == 0) return limit;
  const bool base = in.temporal_id == 0;
  // Parity helps least against runs of losses, and a node has only so much to spend.
  const double isolated = 0.3 / std::max(in.burst, 1.0);
  const double share = rounds > 1 ? (base ? kBaseShareManyRounds : kUpperShareManyRounds) + isolated
                                  : (base ? kBaseShareOneRound : kUpperShareOneRound);
  return std::min(limit, static_cast<unsigned>(std::lround(share * in.loss * in.k)));
}

}  // namespace

unsigned repair_rounds(const FecInputs& in) {
  const Duration left =
      in.playout - in.frame_interval / 2 - in.rtt * static_cast<int64_t>(in.hops) / 2 - kDevice;
  const Duration round = in.rtt + kRoundMargin;
  return left <= Duration() ? 0 : static_cast<unsigned>(left.us() / round.us());
}

unsigned parity_fragments(const FecInputs& in) {
  const double loss = std::clamp(in.loss, 0.0, 0.5);
  if (!(loss > 0)) return 0;
  const double burst = std::clamp(in.burst, 1.0, 50.0);
  const unsigned rounds = std::min(repair_rounds(in), 8u);
  // A loss at the end of a frame shows only with the next frame: one round less.
  const double residual = residual_loss(loss, burst, rounds > 0 ? rounds - 1 : 0);
  const double target = in.temporal_id == 0 ? kBaseTarget : kUpperTarget;
  const unsigned most = most_parity(in, rounds);
  unsigned r = 0;
  while (r < most && probability_of_more_than(r, in.k + r, residual, burst) > target) ++r;
  return r;
}

}  // namespace swarmcast::repair
