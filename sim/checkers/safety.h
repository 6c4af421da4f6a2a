// Safety: nothing that the source did not publish is shown, nothing altered is passed on, nobody is
// deeper than seven hops, limits hold.
#pragma once

#include <array>
#include <vector>

#include "sim/checkers/violations.h"

namespace swarmcast::sim {

class SafetyChecker final : public Observer {
 public:
  // `ring`: how long everybody may keep what was sent.
  SafetyChecker(Violations& violations, Duration ring) : violations_(violations), ring_(ring) {}

  // Attackers may send what they like; once there is one, all others' messages are searched for
  // its mark.
  void expect_attacks_of(NodeId node);

  void on_published(Instant now, const EncodedFrame& frame) override;
  void on_sent(Instant now, NodeId from, ByteSpan message) override;
  void on_frame(Instant now, NodeId node, const output::Frame& shown) override;
  // The state of all nodes, now and then.
  void look_at(const World& world);

 private:
  struct Published {
    uint64_t digest;
    Instant at;
  };
  struct Viewer {
    std::array<int64_t, kMaxTracks> last_frame;  // handed to its decoder; -1: none
    bool attacker = false;
    Viewer() { last_frame.fill(-1); }
  };
  Viewer& viewer(NodeId node);
  void report(Instant now, NodeId node, std::string what);

  Violations& violations_;
  Duration ring_;
  std::array<std::vector<Published>, kMaxTracks> published_;
  std::vector<Viewer> viewers_;
  bool attacks_ = false;
};

}  // namespace swarmcast::sim
