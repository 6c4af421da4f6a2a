// Camera, screen, sound, the media module and the clock.
#pragma once

#include <cstdint>
#include <optional>

#include "host/doctor/finding.h"
#include "host/doctor/machine.h"

namespace swarmcast::doctor {

Finding examine_camera(const Machine& machine);
Finding examine_display(const Machine& machine);
Finding examine_sound(const Machine& machine);

// `error` as LoadedMedia has it: empty if the module could be loaded.
Finding examine_media_module(const std::string& error);

struct WallClock {
  int64_t unix_seconds = 0;
  std::optional<bool> synchronized;  // by the kernel's word (adjtimex(2))
  static WallClock read();
};
Finding examine_clock(const WallClock& clock);

}  // namespace swarmcast::doctor
