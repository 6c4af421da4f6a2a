// SDL and what it brings along are loaded only by those who want a window.
#include <dlfcn.h>

#include "host/media/player_output.h"

namespace swarmcast::media {
namespace {

// The module lies beside this one.
std::string module_path() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&open_window), &info) == 0 || !info.dli_fname)
    return "swarmcast-window.so";
  const std::string own = info.dli_fname;
  return own.substr(0, own.rfind('/') + 1) + "swarmcast-window.so";
}

}  // namespace

std::unique_ptr<PlayerOutput> open_window(const StreamFormat& format,
                                          PlayerOutput::Callbacks callbacks, std::string& error) {
  void* library = dlopen(module_path().c_str(), RTLD_LAZY | RTLD_LOCAL);  // never closed
  void* symbol = library ? dlsym(library, kWindowEntry) : nullptr;
  if (!symbol) {
    const char* reason = dlerror();
    error = "The part that shows a window could not be loaded (" +
            std::string(reason ? reason : "unknown reason") +
            "). Install SDL2 (package libsdl2-2.0-0), or watch with --out - or --out null.";
    return nullptr;
  }
  return std::unique_ptr<PlayerOutput>(
      reinterpret_cast<WindowEntry>(symbol)(format, std::move(callbacks)));
}

}  // namespace swarmcast::media
