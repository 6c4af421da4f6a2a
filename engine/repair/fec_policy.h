// How much parity a source adds to a frame: NAK leads, FEC assists (spec/repair.md, "How much").
#pragma once

#include "engine/base/time.h"

namespace swarmcast::repair {

struct FecInputs {
  unsigned k = 1;            // source fragments of the frame, 1..kMaxSourceFragments
  unsigned temporal_id = 0;  // 0 = base layer
  double loss = 0;           // 0..1, what the swarm reports for a hop, before any repair
  double burst = 1;          // mean length of a run of losses, in messages; >= 1
  Duration playout;          // capture to presentation
  Duration rtt;              // of a hop
  unsigned hops = 1;         // from the source to the deepest viewer
  Duration frame_interval;   // half of it is spent on sending a frame
};

// How often a fragment lost on the last hop can be asked for before its frame is due.
unsigned repair_rounds(const FecInputs& in);

// Parity fragments for the frame; none without loss, and k + r <= kMaxFragmentsPerFrame always.
unsigned parity_fragments(const FecInputs& in);

}  // namespace swarmcast::repair
