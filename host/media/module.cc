// The module's one visible symbol.
extern "C" {
#include <libavutil/log.h>
#include <libavutil/mem.h>
}

#include "host/media/capture.h"
#include "host/media/media.h"
#include "host/media/player.h"

namespace swarmcast::media {
namespace {

// Of memory in one piece. The largest picture we take needs half as much; what an input is, FFmpeg
// finds out by decoding pictures of any size.
constexpr size_t kMaxBlock = size_t{kMaxSide} * kMaxSide * 16;

class ModuleImpl : public Module {
 public:
  // FFmpeg's own words go to stderr, unasked and hard to read; our sentences replace them.
  ModuleImpl() {
    av_log_set_level(AV_LOG_QUIET);
    av_max_alloc(kMaxBlock);
  }

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
