// Looks at this machine with the eyes of somebody who wants to stream: what works, what leaks, and
// what to do about it. Writes nothing, and contacts nobody but the STUN servers it is given.
#pragma once

#include <string>
#include <vector>

#include "host/doctor/finding.h"
#include "host/doctor/machine.h"
#include "host/doctor/reachability.h"

namespace swarmcast::doctor {

struct DoctorOptions {
  Endpoint listen;                // where a node would listen
  std::vector<std::string> stun;  // "HOST:PORT"; empty: nobody is asked
};

struct Report {
  std::vector<Finding> findings;  // in the order to be read
  Reachability reachability;
  bool has_problem() const;
};

// Takes some 100 ms (the media module is loaded), plus what measure_nat() takes.
Report examine(const Machine& machine, const DoctorOptions& options);

}  // namespace swarmcast::doctor
