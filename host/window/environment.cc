#include "host/window/environment.h"

#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace swarmcast::window {
namespace {

constexpr int kKeep = 0;

std::string runtime_folder() {
  const char* const folder = std::getenv("XDG_RUNTIME_DIR");
  return folder ? folder : "";
}

using AlsaHandler = void (*)(const char*, int, const char*, int, const char*, ...);
void say_nothing(const char*, int, const char*, int, const char*, ...) {}

bool exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

}  // namespace

bool pulse_is_there() {
  return std::getenv("PULSE_SERVER") != nullptr ||
         (!runtime_folder().empty() && exists(runtime_folder() + "/pulse/native"));
}

void silence_alsa() {
  void* const alsa = dlopen("libasound.so.2", RTLD_LAZY | RTLD_LOCAL);  // SDL's own copy
  void* const symbol = alsa ? dlsym(alsa, "snd_lib_error_set_handler") : nullptr;
  if (symbol) reinterpret_cast<int (*)(AlsaHandler)>(symbol)(&say_nothing);
}

void keep_libraries_from_writing() {
  setenv("MESA_SHADER_CACHE_DISABLE", "true", kKeep);
  setenv("MESA_GLSL_CACHE_DISABLE", "true", kKeep);
  setenv("__GL_SHADER_DISK_CACHE", "0", kKeep);
  // A cookie of 256 zeroes: a server of the same user knows us by our user id. Without this
  // variable libpulse makes a cookie file, and without a server it makes folders and starts one.
  setenv("PULSE_COOKIE", "/dev/zero", kKeep);
  // ALSA's own plug-in asks libpulse, too. Where no folder can be, it makes none.
  setenv("PULSE_RUNTIME_PATH", "/dev/null/pulse", kKeep);
  const std::string socket = runtime_folder() + "/pulse/native";
  if (!runtime_folder().empty() && exists(socket))
    setenv("PULSE_SERVER", ("unix:" + socket).c_str(), kKeep);
  // Where there is no session bus, libdbus would start one and note it in a file.
  if (runtime_folder().empty() || !exists(runtime_folder() + "/bus"))
    setenv("DBUS_SESSION_BUS_ADDRESS", "disabled:", kKeep);
}

}  // namespace swarmcast::window
