#include "host/media_loader/media_loader.h"

#include <dlfcn.h>
#include <limits.h>
#include <unistd.h>

namespace swarmcast {
namespace {

std::string folder_of_program() {
  char path[PATH_MAX];
  const ssize_t n = readlink("/proc/self/exe", path, sizeof path);
  if (n <= 0) return ".";
  const std::string program(path, static_cast<size_t>(n));
  return program.substr(0, program.rfind('/'));
}

std::string reason() {
  const char* text = dlerror();
  return text ? text : "unknown reason";
}

}  // namespace

LoadedMedia load_media_from(const std::string& path) {
  // Never closed: FFmpeg and the C++ runtime keep pointers into it.
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    return {nullptr, "The part that handles pictures and sound could not be loaded (" + reason() +
                         "). Build again, or keep swarmcast-media.so beside the program and "
                         "install FFmpeg, OpenH264 and Opus."};
  }
  auto entry = reinterpret_cast<media::ModuleEntry>(dlsym(library, media::kModuleEntry));
  if (!entry) {
    return {nullptr, path + " belongs to another version of this program (" + reason() +
                         "). Build again so that both match."};
  }
  return {entry(), {}};
}

LoadedMedia load_media() { return load_media_from(folder_of_program() + "/swarmcast-media.so"); }

}  // namespace swarmcast
