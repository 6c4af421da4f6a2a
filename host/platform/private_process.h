// What keeps this process' memory from other processes and from the disk, for as long as it runs.
#pragma once

#include <span>
#include <string>

namespace swarmcast::platform {

// No core dump from now on, and no debugger or /proc/PID/mem for programs of the same user. To be
// called before there is a secret in memory; cannot be taken back. False if the system refused.
bool forbid_inspection();

// Keeps every page, of libraries and stacks as well, out of the swap, now and as memory is added.
// False, and nothing is locked, if the limit on locked memory is finite: locking everything would
// then make later allocations fail.
bool lock_all_memory();

// Zeroes the arguments after the program's name, which any user can read with ps(1). What is needed
// of them must have been copied.
void wipe_arguments(std::span<char*> argv);

// Zeroes what a string holds, and leaves it empty.
void wipe(std::string& text);

}  // namespace swarmcast::platform
