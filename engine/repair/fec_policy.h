// How much parity a source adds to a frame: NAK leads, FEC assists (spec/repair.md, "How much").
#pragma once

#include "engine/base/time.h"

namespace swarmcast::repair {

struct FecInputs {
  unsigned k = 1;            // source fragments of the frame, 1..kMaxSourceFragments
  unsigned temporal_id = 0;  // 0 = base layer
  bool key = false;
  double loss = 0;          // 0..1, what the swarm reports per hop, before any repair
  double burst = 1;         // mean length of a run of losses, in messages
  Duration playout;         // capture to presentation
  Duration rtt;             // of a hop
  Duration frame_interval;  // half of it is spent on sending a frame
};

// Parity fragments for the frame: 0 without loss, k + r <= 255 always.
unsigned parity_fragments(const FecInputs& in);

}  // namespace swarmcast::repair
