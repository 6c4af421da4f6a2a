// Loads the media module on demand. Nothing here links to FFmpeg.
#pragma once

#include <string>

#include "host/media/media.h"

namespace swarmcast {

struct LoadedMedia {
  media::Module* module = nullptr;  // lives as long as the process
  std::string error;                // a sentence, if module is null
};

// Opens swarmcast-media.so from the folder the running program lies in. Later calls give the same
// module. Takes some 100 ms the first time.
LoadedMedia load_media();

// The same from `path`.
LoadedMedia load_media_from(const std::string& path);

}  // namespace swarmcast
