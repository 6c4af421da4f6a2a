// The end of the process: whatever ends it, all of its memory is zeroed first. What was freed on
// the way is clean already (host/wiping_heap); this is for what still lives, in whichever library.
#pragma once

namespace swarmcast::platform {

// From now on exit(), the return of main() and every signal that would end the process (a fault,
// abort(), SIGTERM where nothing handles it ...) first stop all other threads and zero everything
// that the process may write to; then it ends as it would have. A signal that is ignored stays
// ignored. To be called on the main thread, before others are started.
//
// Not covered: SIGKILL; a stack overflow of any thread but the main one; registers. Builds with a
// sanitizer, which needs its own memory, wipe nothing.
void wipe_at_every_end();

// Ends the process with that code, after the same wipe if wipe_at_every_end() was called. From any
// thread or signal handler.
[[noreturn]] void wipe_and_exit(int code);

// In case the end in good order hangs: after so many seconds the process wipes and dies of SIGALRM.
void wipe_unless_ended_within(unsigned seconds);

}  // namespace swarmcast::platform
