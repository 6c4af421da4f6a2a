#include "sim/attackers/withholder.h"

#include "engine/wire/lean_fragment.h"
#include "engine/wire/tick.h"

namespace swarmcast::sim {

bool Withholder::alter(Instant, LinkId, std::vector<uint8_t>& message) {
  const bool media = is_media(message);
  switch (way_) {
    case Way::kTicks:
      return !media;
    case Way::kSilent:
      return !media && message[0] != wire::kTickType;
    case Way::kHalf: {
      const auto id = media ? wire::id_of_fragment(message) : std::nullopt;
      return !id || id->index % 2 == 0;
    }
  }
  return true;
}

}  // namespace swarmcast::sim
