// What can get at the memory of a running swarmcast, or keep it after the end.
#pragma once

#include "host/doctor/finding.h"
#include "host/doctor/machine.h"

namespace swarmcast::doctor {

// Whether the media ring may be locked, so that it never reaches the swap. A problem only if there
// is a swap that keeps things in the clear.
Finding examine_memory_lock(const Machine& machine);
// What a session that has started says of its own memory, which it could lock or not.
Finding judge_own_memory(const Machine& machine, bool all_locked);
Finding examine_swap(const Machine& machine);
Finding examine_hibernation(const Machine& machine);
Finding examine_core_dumps(const Machine& machine);
// Who may look into our memory while we run: ptrace(2) and Yama.
Finding examine_debuggers(const Machine& machine);
// The kernel's init_on_free.
Finding examine_memory_wiping(const Machine& machine);

}  // namespace swarmcast::doctor
