// Counters of a running engine. All are cumulative since its creation.
#pragma once

#include <cstdint>

#include "engine/base/frame_counts.h"
#include "engine/base/time.h"
#include "engine/base/units.h"

namespace swarmcast {

struct RepairCounts {
  uint64_t nak_sent = 0;       // fragments asked for
  uint64_t nak_answered = 0;   // fragments we sent again
  uint64_t fec_recovered = 0;  // fragments rebuilt from parity
  uint64_t spurious = 0;       // asked for, yet the first copy arrived
};

struct ByteCounts {
  uint64_t media_in = 0;     // payload of verified, new fragments (source: of the frames published)
  uint64_t media_again = 0;  // payload of fragments that we had already
  uint64_t media_out = 0;    // payload of fragments sent, repairs included
  uint64_t message_in = 0;   // all messages of both lanes
  uint64_t message_out = 0;
};

struct DropCounts {
  uint64_t malformed = 0;   // not parsable
  uint64_t forged = 0;      // parsed, but not the source's
  uint64_t replayed = 0;    // stale or duplicate control
  uint64_t too_late = 0;    // not sent: its deadline could not be met
  uint64_t unexpected = 0;  // valid, but not from this neighbour in this state
  uint64_t over_limit = 0;  // a limit refused it
};

// Signals between peers without a link (spec/signalling.md).
struct SignalCounts {
  uint64_t sent = 0;        // our own
  uint64_t forwarded = 0;   // of others
  uint64_t accepted = 0;    // knocks at our door
  uint64_t malformed = 0;   // not parsable, not for us, not of this swarm, or altered
  uint64_t forged = 0;      // not of the peer it names
  uint64_t replayed = 0;    // seen before, or too old
  uint64_t over_limit = 0;  // a rate or number refused it
  uint64_t no_way = 0;      // nobody knows the way, or it went too far
};

struct EngineStats {
  int peers = 0;
  int parents = 0;
  int children = 0;
  int hop = 0;             // depth below the source; 0 = source, or not joined
  int deepest = 0;         // hops from the source to the deepest peer below us
  Duration longest_delay;  // capture to presentation, of the slowest viewer below us
  uint32_t witnesses = 0;  // viewers with a screen in the whole swarm, as last told
  FrameCounts frames;
  RepairCounts repair;
  ByteCounts bytes;
  DropCounts drops;
  SignalCounts signals;
  double loss = 0;        // share of our parent's messages lost on the way, recent
  Duration playout;       // chosen playout delay
  Duration clock_error;   // bound of our estimate of the source's clock
  DataRate media_rate;    // recent rate of media received (source: published)
  DataRate target_rate;   // source: what the encoder is to aim at
  DataRate send_rate;     // what the node may send in all
  bool competes = false;  // a sender beside us fills the queue, so losses lead us, not the delay
  int shedding = 0;       // layers that do not reach us: 1 T2, 2 T1 too, 3 sound only
};

}  // namespace swarmcast
