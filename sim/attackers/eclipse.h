// Peers that try to be all that others see of the swarm: they name nobody but each other, and send
// nothing.
#pragma once

#include "sim/attackers/hostile_engine.h"

namespace swarmcast::sim {

class Eclipse final : public HostileEngine {
 public:
  explicit Eclipse(Disguise disguise) : HostileEngine(std::move(disguise)) {}

 protected:
  bool alter(Instant now, LinkId link, std::vector<uint8_t>& message) override;

 private:
  wire::body::ContactList list();

  size_t turn_ = 0;
};

}  // namespace swarmcast::sim
