// Capture: an input or the test picture, encoded in real time.
#pragma once

#include "host/media/media.h"

namespace swarmcast::media {

std::unique_ptr<Capture> create_capture(const CaptureOptions& options, CaptureSink& sink);

}  // namespace swarmcast::media
