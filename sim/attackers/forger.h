// Peers that make up what the source never said.
#pragma once

#include <array>

#include "sim/attackers/hostile_engine.h"

namespace swarmcast::sim {

// What simulated attackers write into what they alter, so that it is known again wherever it turns
// up, whatever the form of the message around it.
inline constexpr Bytes<16> kForgeryMark = {0xf0, 0x12, 0x9e, 0xd3, 0x55, 0xa1, 0x0b, 0x7c,
                                           0xe8, 0x44, 0x91, 0x2f, 0xd7, 0x63, 0xba, 0x08};

class Forger final : public HostileEngine {
 public:
  enum class Way : uint8_t {
    kPayload,     // every fragment has other bytes
    kFrames,      // and says it is of a frame that is still to come
    kStatements,  // media as it is; keys and the end of the broadcast are made up
  };
  static constexpr size_t kWays = 3;

  Forger(Disguise disguise, Way way) : HostileEngine(std::move(disguise)), way_(way) {}

 protected:
  bool alter(Instant now, LinkId link, std::vector<uint8_t>& message) override;

 private:
  Way way_;
};

}  // namespace swarmcast::sim
