// Host names to addresses, without being stuck in it.
#pragma once

#include <string>

#include "host/media/stop_signal.h"

namespace swarmcast::media {

// Looks `host` up, and leaves what is found to the system's resolver: whoever connects afterwards
// asks again, and gets a quick answer. Empty if there is an address, or `stop` was raised;
// otherwise a sentence. Numbers are not looked up. getaddrinfo() cannot be interrupted, so it runs
// on a thread that is left behind if it takes longer than kLookupSeconds.
std::string look_up(const std::string& host, const StopSignal& stop);

inline constexpr int kLookupSeconds = 5;

}  // namespace swarmcast::media
