// What keeps a session's memory from others, said once at the start.
#pragma once

#include <cstdio>

namespace swarmcast::cli {

// Locks what can be locked. Says in one line what that came to: as an event `memory` on `events`,
// or if that is nullptr as text on stderr, loudly if something is missing and with what to do about
// it.
void protect_memory(std::FILE* events);

}  // namespace swarmcast::cli
