// Peers that wander from parent to parent and write down every address they are told.
#pragma once

#include "sim/attackers/hostile_engine.h"

namespace swarmcast::sim {

class Crawler final : public HostileEngine {
 public:
  explicit Crawler(Disguise disguise) : HostileEngine(std::move(disguise)) {}

 protected:
  void hears(Instant now, const Input& input) override;
  bool alter(Instant now, LinkId link, std::vector<uint8_t>& message) override;

 private:
  void learn(const Contact& contact);
};

}  // namespace swarmcast::sim
