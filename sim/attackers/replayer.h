// Peers that send what they sent five seconds ago: signed, and old.
#pragma once

#include <deque>

#include "sim/attackers/hostile_engine.h"

namespace swarmcast::sim {

class Replayer final : public HostileEngine {
 public:
  explicit Replayer(Disguise disguise) : HostileEngine(std::move(disguise)) {}

 protected:
  void hears(Instant now, const Input& input) override;
  bool alter(Instant now, LinkId link, std::vector<uint8_t>& message) override;

 private:
  struct Recorded {
    Instant at;
    std::vector<uint8_t> message;
  };
  std::deque<Recorded> tape_;  // whole fragments that came
};

}  // namespace swarmcast::sim
