#include "sim/attackers/forger.h"

#include <algorithm>

#include "engine/wire/envelope.h"
#include "engine/wire/lean_fragment.h"

namespace swarmcast::sim {
namespace {

// Fragments big enough that their middle is payload.
constexpr size_t kLeastAltered = 400;
// The last byte of the frame's number, in a whole fragment and in a lean one.
constexpr size_t kNumberAt = 11;
constexpr size_t kLeanNumberAt = 8;
constexpr uint8_t kFramesAhead = 10;

namespace body = wire::body;

// Keys get other bytes, and now and then the broadcast is said to be over.
void make_up(wire::Body& statement) {
  if (auto* key = std::get_if<body::EpochKey>(&statement)) key->key[0] ^= 1;
  if (std::holds_alternative<body::Contacts>(statement))
    statement = body::Tombstone{.last_frame = FrameNumber(1)};
}

}  // namespace

bool Forger::alter(Instant, LinkId, std::vector<uint8_t>& message) {
  if (way_ == Way::kStatements) {
    alter_bodies(message, make_up);
    return true;
  }
  if (!is_media(message) || message.size() < kLeastAltered) return true;
  std::ranges::copy(kForgeryMark, message.begin() + static_cast<long>(message.size() / 2));
  if (way_ == Way::kFrames)
    message[wire::is_lean_fragment(message) ? kLeanNumberAt : kNumberAt] += kFramesAhead;
  return true;
}

}  // namespace swarmcast::sim
