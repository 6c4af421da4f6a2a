// Peers that ask their parents for all that was ever sent, again and again.
#pragma once

#include <map>

#include "sim/attackers/hostile_engine.h"

namespace swarmcast::sim {

class NakAmplifier final : public HostileEngine {
 public:
  explicit NakAmplifier(Disguise disguise) : HostileEngine(std::move(disguise)) {}

 protected:
  void hears(Instant now, const Input& input) override;
  std::optional<output::Transmit> adds(Instant now) override;

 private:
  std::map<uint32_t, uint16_t> newest_;  // number of media, by link
  Instant next_ = Instant::from_us(0);
  size_t turn_ = 0;
  std::vector<uint8_t> nak_;
};

}  // namespace swarmcast::sim
