#include "sim/attackers/replayer.h"

#include <algorithm>

#include "engine/wire/fragment.h"
#include "engine/wire/lean_fragment.h"
#include "engine/wire/ping.h"

namespace swarmcast::sim {
namespace {

constexpr Duration kAge = Duration::seconds(5);
constexpr size_t kTape = 4'000;
constexpr uint8_t kFlags = wire::kHopRepairFlag | wire::kHopLeanFlag;
// Of the hop header, the link's number.
constexpr long kNumberAt = 2;

}  // namespace

void Replayer::hears(Instant now, const Input& input) {
  const auto* in = std::get_if<input::Datagram>(&input);
  if (!in || !is_media(in->message) || (in->message[1] & kFlags) != 0) return;
  tape_.push_back({now, {in->message.begin(), in->message.end()}});
  if (tape_.size() > kTape) tape_.pop_front();
}

// The time is that of the old fragments, too.
bool Replayer::alter(Instant now, LinkId, std::vector<uint8_t>& message) {
  if (auto pong = wire::parse_pong(message); pong && pong->clock) {
    const StreamTime begin = StreamTime::from_us(0);
    pong->clock->now = std::max(pong->clock->now - kAge, begin);
    wire::write_pong(message, *pong);
  }
  if (!is_media(message)) return true;
  if (tape_.empty() || tape_.front().at + kAge > now) return false;
  std::vector<uint8_t> old = std::move(tape_.front().message);
  tape_.pop_front();
  std::copy(message.begin() + kNumberAt, message.begin() + kHopHeaderSize, old.begin() + kNumberAt);
  message = std::move(old);
  return true;
}

}  // namespace swarmcast::sim
