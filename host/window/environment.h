// What libraries below SDL are told before they start.
#pragma once

namespace swarmcast::window {

// Keeps them from writing files: Mesa's shader cache, PulseAudio's cookie and folders, a session
// bus started for us. Sets environment variables: call before other threads read them.
void keep_libraries_from_writing();

// Its words about missing cards go to stderr, unasked and hard to read.
void silence_alsa();

// Whether a PulseAudio server can be reached without it making anything.
bool pulse_is_there();

}  // namespace swarmcast::window
