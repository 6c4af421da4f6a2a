#include "cli/protection.h"

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "cli/print.h"
#include "host/doctor/memory_probes.h"
#include "host/platform/private_process.h"

namespace swarmcast::cli {

void protect_memory(std::FILE* events) {
  const bool locked = platform::lock_all_memory();
  const doctor::Finding found = doctor::judge_own_memory(doctor::Machine::real(), locked);
  const bool safe = found.state == doctor::State::kOk;
  if (events) {
    const nlohmann::ordered_json line{{"event", "memory"},   {"t", 0.0},
                                      {"locked", locked},    {"safe", safe},
                                      {"text", found.title}, {"fix", found.fix}};
    print(events, "{}\n", line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    std::fflush(events);
    return;
  }
  if (safe) return print(stderr, "{}\n", found.title);
  const bool colours = isatty(STDERR_FILENO) == 1;
  print(stderr, "{}WARNING: {}{} {}\n  -> {}\n", colours ? "\x1b[1;31m" : "", found.title,
        colours ? "\x1b[0m" : "", found.detail, found.fix);
}

}  // namespace swarmcast::cli
