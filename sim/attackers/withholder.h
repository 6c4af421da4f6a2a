// Peers that take children and do not feed them.
#pragma once

#include "sim/attackers/hostile_engine.h"

namespace swarmcast::sim {

class Withholder final : public HostileEngine {
 public:
  enum class Way : uint8_t {
    kTicks,   // no media; ticks show that something was sent
    kSilent,  // neither, but everything else
    kHalf,    // every second fragment, and never the others, however often they are asked for
  };
  static constexpr size_t kWays = 3;

  Withholder(Disguise disguise, Way way) : HostileEngine(std::move(disguise)), way_(way) {}

 protected:
  bool alter(Instant now, LinkId link, std::vector<uint8_t>& message) override;

 private:
  Way way_;
};

}  // namespace swarmcast::sim
