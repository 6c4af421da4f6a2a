// Loading the media module beside the loop: from a cold disk it takes most of a second, in which
// links would not be served.
#pragma once

#include <functional>
#include <memory>
#include <thread>

#include "host/loop/loop.h"
#include "host/media_loader/media_loader.h"

namespace swarmcast {

class MediaLoad {
 public:
  using OnLoaded = std::function<void(const LoadedMedia&)>;

  // Calls `load` at once on a thread of its own, then `on_loaded` on the loop's.
  MediaLoad(Loop& loop, std::function<LoadedMedia()> load, OnLoaded on_loaded);
  // Waits for `load`, which nothing can cut short; `on_loaded` is not called any more.
  ~MediaLoad();
  MediaLoad(const MediaLoad&) = delete;
  MediaLoad& operator=(const MediaLoad&) = delete;

 private:
  std::shared_ptr<OnLoaded> on_loaded_;
  std::thread thread_;
};

}  // namespace swarmcast
