// Peers that send more than anybody wants.
#pragma once

#include "engine/base/random.h"
#include "sim/attackers/hostile_engine.h"

namespace swarmcast::sim {

class Flooder final : public HostileEngine {
 public:
  enum class Way : uint8_t {
    kNoise,  // packets full of nothing
    kPings,  // each of which is answered
    kKeys,   // asks for key pictures, for its decoder and everybody's
  };
  static constexpr size_t kWays = 3;

  Flooder(Disguise disguise, Way way) : HostileEngine(std::move(disguise)), way_(way) {}

 protected:
  bool alter(Instant now, LinkId link, std::vector<uint8_t>& message) override;
  std::optional<output::Transmit> adds(Instant now) override;

 private:
  void next_packet(Instant now);

  Way way_;
  Prng noise_{1};
  Instant next_ = Instant::from_us(0);
  size_t turn_ = 0;
  std::vector<uint8_t> packet_;
};

}  // namespace swarmcast::sim
