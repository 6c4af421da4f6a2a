#include "sim/attackers/nak_amplifier.h"

#include <algorithm>

#include "engine/wire/fragment.h"
#include "engine/wire/nak.h"

namespace swarmcast::sim {
namespace {

constexpr Duration kInterval = Duration::millis(10);
constexpr uint16_t kRange = 64;  // numbers; as many ranges as a NAK takes

}  // namespace

void NakAmplifier::hears(Instant, const Input& input) {
  const auto* in = std::get_if<input::Datagram>(&input);
  if (!in || !is_media(in->message) || in->message.size() < kHopHeaderSize) return;
  newest_[in->link.value()] = wire::parse_hop_header(in->message).link_sequence;
}

std::optional<output::Transmit> NakAmplifier::adds(Instant now) {
  if (links().empty()) return std::nullopt;
  wake_at(now + kInterval);
  if (now < next_) return std::nullopt;
  next_ = now + kInterval;
  const LinkId link = links()[turn_++ % links().size()];
  const auto newest = newest_.find(link.value());
  if (newest == newest_.end()) return std::nullopt;
  wire::Nak nak{.urgent = true};
  for (size_t i = 1; i <= wire::kMaxSequenceRanges; ++i)
    nak.ranges.add({static_cast<uint16_t>(newest->second - i * kRange), kRange});
  nak_.resize(wire::kMaxNakSize);
  nak_.resize(wire::write_nak(nak_, nak));
  return output::Transmit{link, output::Lane::kControl, nak_};
}

}  // namespace swarmcast::sim
