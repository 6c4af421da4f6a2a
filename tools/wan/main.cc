// wan-emulator [--seed N] [FILE]: a wide-area network between network namespaces on one machine.
//
// Carries out the command lines of FILE (tools/wan/command.h), then those on stdin; each is
// answered by one JSON line. `{"event":"ok","host":"a","netns":"/proc/PID/fd/N",...}` names the new
// namespace; a program starts in it with `nsenter --net=/proc/PID/fd/N PROGRAM`. The end of stdin,
// SIGTERM or SIGINT prints the counters and ends it.
//
// Exit codes: 0 ended as asked, 1 wrong arguments or a wrong line in FILE, 77 the machine does not
// allow network namespaces (not root).
#include <sched.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

#include "tools/wan/emulator.h"

namespace {

constexpr int kNotAllowed = 77;

// The network must not wait for the hosts' programs: it runs ahead of them where it may.
void take_priority() {
  sched_param priority{};
  priority.sched_priority = 10;
  sched_setscheduler(0, SCHED_FIFO, &priority);
}

}  // namespace

int main(int argc, char** argv) {
  uint64_t seed = 1;
  const char* file = nullptr;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--seed") == 0 && i + 1 < argc) {
      seed = std::strtoull(argv[++i], nullptr, 10);
    } else if (argv[i][0] != '-' && file == nullptr) {
      file = argv[i];
    } else {
      std::fprintf(stderr, "usage: wan-emulator [--seed N] [FILE]\n");
      return 1;
    }
  }
  {
    std::string why;
    if (!swarmcast::wan::TunHost::create(0x0a4d0001, &why)) {
      std::fprintf(stderr, "wan-emulator: %s\n", why.c_str());
      return kNotAllowed;
    }
  }
  std::signal(SIGPIPE, SIG_IGN);
  take_priority();
  swarmcast::wan::Emulator emulator(seed);
  if (file != nullptr) {
    std::ifstream lines(file);
    if (!lines) {
      std::fprintf(stderr, "wan-emulator: cannot read %s\n", file);
      return 1;
    }
    for (std::string line; std::getline(lines, line);) {
      if (!emulator.run_line(line)) return 1;
    }
  }
  emulator.run();
  emulator.print_stats();
  return 0;
}
