// Liveness: everyone who is due gets the picture, soon after joining and from then on.
#pragma once

#include <vector>

#include "sim/checkers/violations.h"

namespace swarmcast::sim {

struct LivenessBounds {
  Duration first_picture = Duration::seconds(10);  // after joining
  Duration longest_gap = Duration::seconds(4);     // between two pictures
};

class LivenessChecker final : public Observer {
 public:
  LivenessChecker(Violations& violations, const LivenessBounds& bounds)
      : violations_(violations), bounds_(bounds) {}

  // From now on this viewer is due pictures, until it is excused.
  void expect(Instant now, NodeId node);
  void excuse(NodeId node);

  void on_frame(Instant now, NodeId node, const output::Frame& shown) override;
  void on_ended(Instant now, NodeId node, output::EndReason reason) override;
  // Every viewer, now and then.
  void look_at(Instant now);

 private:
  struct Viewer {
    bool due = false;
    bool seen = false;      // a picture, ever
    bool reported = false;  // that it is without one, for this gap
    Instant since;          // joined, or the last picture
  };
  Violations& violations_;
  LivenessBounds bounds_;
  std::vector<Viewer> viewers_;
};

}  // namespace swarmcast::sim
