#include "sim/checkers/liveness.h"

#include <algorithm>

namespace swarmcast::sim {

void LivenessChecker::expect(Instant now, NodeId node) {
  if (node >= viewers_.size()) viewers_.resize(node + 1);
  viewers_[node] = {.due = true, .since = now};
}

void LivenessChecker::excuse(NodeId node) {
  if (node < viewers_.size()) viewers_[node].due = false;
}

void LivenessChecker::on_frame(Instant now, NodeId node, const output::Frame& shown) {
  if (!shown.show || shown.frame.track != kVideoTrack || node >= viewers_.size()) return;
  Viewer& v = viewers_[node];
  v.seen = true;
  v.reported = false;
  v.since = std::max(now, shown.present_at);
}

void LivenessChecker::on_ended(Instant now, NodeId node, output::EndReason reason) {
  if (node >= viewers_.size() || !viewers_[node].due) return;
  violations_.add({now, Property::kLiveness, node, "gave up: " + std::string(to_string(reason))});
  excuse(node);
}

void LivenessChecker::look_at(Instant now) {
  for (NodeId node = 0; node < viewers_.size(); ++node) {
    Viewer& v = viewers_[node];
    const Duration bound = v.seen ? bounds_.longest_gap : bounds_.first_picture;
    if (!v.due || v.reported || now - v.since <= bound) continue;
    v.reported = true;
    violations_.add({now, Property::kLiveness, node,
                     std::string(v.seen ? "no further picture for " : "no first picture for ") +
                         std::to_string((now - v.since).ms()) + " ms"});
  }
}

}  // namespace swarmcast::sim
