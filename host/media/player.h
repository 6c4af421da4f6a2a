// Player: decodes ahead, presents on time.
#pragma once

#include "host/media/media.h"

namespace swarmcast::media {

std::unique_ptr<Player> create_player(const PlayerOptions& options, PlayerSink& sink);

}  // namespace swarmcast::media
