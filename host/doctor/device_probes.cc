#include "host/doctor/device_probes.h"

#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

namespace swarmcast::doctor {
namespace {

// 2025-01-01: a clock that says less has never been set.
constexpr int64_t kEarliestSeconds = 1'735'689'600;

constexpr std::string_view kCameraClass = "/sys/class/video4linux";

struct Camera {
  std::string device;
  std::string name;
};

std::vector<Camera> cameras(const Machine& machine) {
  std::vector<Camera> out;
  for (const std::string& entry : machine.list(kCameraClass)) {
    const std::string folder = std::string(kCameraClass) + "/" + entry;
    // A camera's further nodes carry metadata, no picture.
    if (machine.read_word(folder + "/index").value_or("0") != "0") continue;
    out.push_back({"/dev/" + entry, machine.read_word(folder + "/name").value_or("a camera")});
  }
  return out;
}

std::string runtime_folder(const Machine& machine) {
  const std::string named = machine.environment("XDG_RUNTIME_DIR");
  return named.empty() ? "/run/user/" + std::to_string(getuid()) : named;
}

}  // namespace

Finding examine_camera(const Machine& machine) {
  Finding out{.id = "camera"};
  const auto all = cameras(machine);
  if (all.empty()) {
    out.state = State::kWarning;
    out.title = "No camera";
    out.detail =
        "\"swarmcast broadcast\" will send the built-in test picture. Watching and relaying need "
        "no camera.";
    out.fix = "Plug one in, or give a file: swarmcast broadcast --input talk.mp4";
    return out;
  }
  for (const Camera& camera : all) {
    if (!machine.may_use(machine.root + camera.device)) continue;
    out.state = State::kOk;
    out.title = "Camera: " + camera.name + " at " + camera.device;
    return out;
  }
  out.state = State::kProblem;
  out.title = "You may not use the camera " + all[0].name + " at " + all[0].device;
  out.detail = "Your account lacks the right to open it.";
  out.fix = "sudo usermod -aG video \"$USER\"    (then log out and in again)";
  return out;
}

Finding examine_display(const Machine& machine) {
  Finding out{.id = "display"};
  const std::string wayland = machine.environment("WAYLAND_DISPLAY");
  const std::string x11 = machine.environment("DISPLAY");
  if (!wayland.empty() || !x11.empty()) {
    out.state = State::kOk;
    out.title = "Screen: " + (wayland.empty() ? "X11 " + x11 : "Wayland " + wayland);
    return out;
  }
  out.state = State::kWarning;
  out.title = "No screen in this session";
  out.detail = "A picture can be passed on or piped to a player, but not shown in a window.";
  out.fix = "Start swarmcast from a desktop's terminal to see the picture in a window.";
  return out;
}

Finding examine_sound(const Machine& machine) {
  Finding out{.id = "sound"};
  const std::string cards = machine.read("/proc/asound/cards").value_or("");
  const bool has_card = cards.find('[') != cards.npos;
  const std::string folder = runtime_folder(machine);
  const bool has_server =
      machine.exists(folder + "/pipewire-0") || machine.exists(folder + "/pulse/native");
  if (has_card || has_server) {
    out.state = State::kOk;
    out.title = has_server ? "Sound: a sound server runs" : "Sound: a sound card is present";
    return out;
  }
  out.state = State::kWarning;
  out.title = "No sound card and no sound server";
  out.detail = "The stream's sound cannot be heard here, and no microphone can be sent.";
  out.fix = "If this machine has a loudspeaker: sudo apt-get install pipewire-audio";
  return out;
}

Finding examine_media_module(const std::string& error) {
  Finding out{.id = "media-module"};
  if (error.empty()) {
    out.state = State::kOk;
    out.title = "Pictures and sound can be coded";
    return out;
  }
  out.state = State::kProblem;
  out.title = "Pictures and sound cannot be coded";
  out.detail = error;
  out.fix = "make build    (in swarmcast's folder; \"swarmcast relay\" works without it)";
  return out;
}

WallClock WallClock::read() {
  WallClock out;
  out.unix_seconds = time(nullptr);
  timex state{};
  const int result = adjtimex(&state);
  if (result >= 0) out.synchronized = (state.status & STA_UNSYNC) == 0;
  return out;
}

Finding examine_clock(const WallClock& clock) {
  Finding out{.id = "clock"};
  constexpr const char* kSwitchOn = "sudo timedatectl set-ntp true";
  if (clock.unix_seconds < kEarliestSeconds) {
    out.state = State::kProblem;
    out.title = "The clock of this machine is wrong by years";
    out.detail = "Encrypted web addresses (https) refuse a machine with a wrong date.";
    out.fix = kSwitchOn;
  } else if (!clock.synchronized) {
    out.title = "Cannot tell whether the clock is right";
  } else if (*clock.synchronized) {
    out.state = State::kOk;
    out.title = "The clock is kept right over the network";
  } else {
    out.state = State::kWarning;
    out.title = "Nothing keeps this machine's clock right";
    out.detail =
        "The stream itself does not need it; encrypted web addresses (https) fail if it is off by "
        "more than some days.";
    out.fix = kSwitchOn;
  }
  return out;
}

}  // namespace swarmcast::doctor
