#include "host/media_loader/media_load.h"

#include <utility>

namespace swarmcast {

MediaLoad::MediaLoad(Loop& loop, std::function<LoadedMedia()> load, OnLoaded on_loaded)
    : on_loaded_(std::make_shared<OnLoaded>(std::move(on_loaded))),
      thread_([&loop, load = std::move(load), weak = std::weak_ptr(on_loaded_)] {
        loop.post([weak, media = load()] {
          if (const auto call = weak.lock()) (*call)(media);
        });
      }) {}

MediaLoad::~MediaLoad() { thread_.join(); }

}  // namespace swarmcast
