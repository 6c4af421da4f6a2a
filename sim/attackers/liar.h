// Peers that lie about themselves.
#pragma once

#include "sim/attackers/hostile_engine.h"

namespace swarmcast::sim {

class Liar final : public HostileEngine {
 public:
  enum class Way : uint8_t {
    kPlace,  // right below the source, with a way to it, and with places without end
    kBelow,  // millions below it, who lose most and wait for seconds
    kTime,   // it is two seconds later than it is
  };
  static constexpr size_t kWays = 3;

  Liar(Disguise disguise, Way way) : HostileEngine(std::move(disguise)), way_(way) {}

 protected:
  bool alter(Instant now, LinkId link, std::vector<uint8_t>& message) override;

 private:
  void lie(wire::Body& body) const;

  Way way_;
};

}  // namespace swarmcast::sim
