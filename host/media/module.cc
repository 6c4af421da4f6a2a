// The module's one visible symbol.
extern "C" {
#include <libavutil/log.h>
}

#include "host/media/capture.h"
#include "host/media/media.h"
#include "host/media/player.h"

namespace swarmcast::media {
namespace {

class ModuleImpl : public Module {
 public:
  // FFmpeg's own words go to stderr, unasked and hard to read; our sentences replace them.
  ModuleImpl() { av_log_set_level(AV_LOG_QUIET); }

  std::unique_ptr<Capture> create_capture(const CaptureOptions& options,
                                          CaptureSink& sink) override {
    return media::create_capture(options, sink);
  }
  std::unique_ptr<Player> create_player(const PlayerOptions& options, PlayerSink& sink) override {
    return media::create_player(options, sink);
  }
};

}  // namespace
}  // namespace swarmcast::media

extern "C" [[gnu::visibility("default")]] swarmcast::media::Module* swarmcast_media_module_3() {
  static swarmcast::media::ModuleImpl module;
  return &module;
}
