// What a link knows of itself, for those who choose between links.
#pragma once

#include "engine/base/time.h"
#include "engine/base/units.h"

namespace swarmcast {

struct LinkMetrics {
  Duration rtt;          // smoothed
  Duration rtt_min;      // over the last 10 s
  Duration rtt_var;      // mean deviation (RFC 6298)
  double loss_in = 0;    // share of the neighbour's media messages that did not reach us
  double loss_out = 0;   // share of ours that did not reach the neighbour
  Duration queue_delay;  // standing queue on our way out: one-way delay above its minimum
  DataRate delivered;    // what the neighbour confirmed of ours
};

}  // namespace swarmcast
