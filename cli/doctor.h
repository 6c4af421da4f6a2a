// `swarmcast doctor`: prints what host/doctor found.
#pragma once

#include <string>
#include <vector>

namespace swarmcast::cli {

struct DoctorOptions {
  std::string listen = "0.0.0.0:0";
  std::vector<std::string> stun;  // "HOST:PORT"
  bool json = false;
};

// Gives the exit code: 0, or kExitLocal if there is a problem.
int run_doctor(const DoctorOptions& options);

}  // namespace swarmcast::cli
