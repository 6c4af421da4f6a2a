// How the time between a frame's capture and its presentation is spent (spec/repair.md, "Time").
#pragma once

#include "engine/base/time.h"

namespace swarmcast::repair {

struct PlanInputs {
  Duration playout;         // capture to presentation
  Duration rtt;             // of a hop
  Duration variation;       // of the round trip (RFC 6298): losses show late where it is large
  unsigned hops = 1;        // from the source to the viewer
  Duration frame_interval;  // between two frames
};

struct RepairPlan {
  unsigned rounds = 0;  // NAK round trips that fit one after the other, on the last hop
  Duration spread;      // the source takes this long to send a frame
  Duration gather;      // a viewer collects losses this long before it asks
  Duration tail;        // so long after its last message a sender says where it ended
};

// Rounds come first, up to four; a frame is spread over what they leave, at most half the frame
// interval; what is left then spares packets: NAKs that wait for more losses, ends that the next
// frame shows.
RepairPlan plan_repair(const PlanInputs& in);

// What a round takes beyond the round trip: noticing the loss, pacing the repair.
inline constexpr Duration kRoundMargin = Duration::millis(5);

}  // namespace swarmcast::repair
