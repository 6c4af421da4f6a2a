// One thing done for several seeds, a process each.
#pragma once

#include <cstdint>
#include <functional>

namespace swarmcast::cli {

// Calls `run` in a process of its own for each of `count` seeds from `first` on, at most `jobs` at
// once, and prints what each wrote to standard output, whole and in order of seed. `run` gives an
// exit code; that of the worst is returned: a crash's, kExitUnsafe, kExitNotLive, 0.
// To be called while there is one thread.
int run_seeds(uint64_t first, int count, int jobs, const std::function<int(uint64_t)>& run);

}  // namespace swarmcast::cli
