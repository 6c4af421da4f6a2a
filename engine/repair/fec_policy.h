// How much redundancy a frame gets: NAK leads, FEC assists (spec/repair.md, "How much").
#pragma once

#include "engine/base/time.h"

namespace swarmcast::repair {

struct FecInputs {
  unsigned k = 1;            // source fragments of the frame, 1..kMaxSourceFragments
  unsigned temporal_id = 0;  // 0 = base layer
  double loss = 0;           // 0..1, what the swarm reports for a hop, before any repair
  double burst = 1;     // mean length of a run of losses, in messages; chance alone: 1 / (1 - loss)
  unsigned rounds = 0;  // of NAK and repair that fit before the frame is due (RepairPlan)
};

// Parity fragments for the frame; none without loss, and k + r <= kMaxFragmentsPerFrame always.
// The number that costs least, in fragments: parity, the repairs it does not spare, and what a
// frame is worth times the probability that it is lost in spite of both.
unsigned parity_fragments(const FecInputs& in);

// Copies of a repair that has no second chance: two, three where two are often lost together.
unsigned last_repair_copies(double loss);

// Fragments of a frame that are to carry what proves it, so that all of them are lost rarely.
unsigned proofs_for(double loss);

}  // namespace swarmcast::repair
