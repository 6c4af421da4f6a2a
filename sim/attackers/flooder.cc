#include "sim/attackers/flooder.h"

#include <algorithm>

#include "engine/wire/ping.h"

namespace swarmcast::sim {
namespace {

// 9 Mbit/s of noise, or 4,000 pings a second.
constexpr Duration kNoiseInterval = Duration::millis(1);
constexpr Duration kPingInterval = Duration::micros(250);
constexpr size_t kNoiseSize = 1'100;

}  // namespace

bool Flooder::alter(Instant, LinkId, std::vector<uint8_t>& message) {
  if (way_ != Way::kKeys) return true;
  alter_bodies(message, [](wire::Body& said) {
    if (std::holds_alternative<wire::body::Report>(said))
      said = wire::body::KeyRequest{kVideoTrack};
  });
  return true;
}

// To each neighbour in turn.
std::optional<output::Transmit> Flooder::adds(Instant now) {
  if (way_ == Way::kKeys || links().empty()) return std::nullopt;
  const Duration interval = way_ == Way::kNoise ? kNoiseInterval : kPingInterval;
  wake_at(now + interval);
  if (now < next_) return std::nullopt;
  next_ = std::max(next_, now - interval) + interval;
  next_packet(now);
  return output::Transmit{links()[turn_++ % links().size()], output::Lane::kControl, packet_};
}

void Flooder::next_packet(Instant now) {
  if (way_ == Way::kPings) {
    packet_.resize(wire::kPingSize);
    wire::write_ping(packet_, {.sent_us = static_cast<uint32_t>(now.us())});
    return;
  }
  packet_.resize(kNoiseSize);
  for (uint8_t& byte : packet_) byte = static_cast<uint8_t>(noise_.next());
}

}  // namespace swarmcast::sim
