// The emulator's event loop: TUN interfaces, the clock, the command lines.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/wan/command.h"
#include "tools/wan/network.h"
#include "tools/wan/tun.h"

namespace swarmcast::wan {

class Emulator {
 public:
  explicit Emulator(uint64_t seed);
  ~Emulator();
  Emulator(const Emulator&) = delete;
  Emulator& operator=(const Emulator&) = delete;

  // Runs one command line and answers it on stdout with one JSON line: {"event":"ok"} (for a host
  // with its name, address and network namespace), {"event":"stats",...} or
  // {"event":"error","message":...}. False if it was an error.
  bool run_line(const std::string& line);
  // Moves packets until stdin ends or SIGTERM or SIGINT comes.
  void run();
  // Prints {"event":"stats","paths":[...],"hosts":[...],"all_paths":{...},"lateness":{...}}.
  void print_stats(bool with_paths = true) const;

 private:
  bool read_commands();  // false: stdin has ended
  void read_packets(size_t host);
  void release_due();
  void arm_timer();
  std::optional<std::string> make_interface(size_t host);

  Network network_;
  std::vector<TunHost> tuns_;
  int epoll_ = -1;
  int timer_ = -1;
  int signals_ = -1;
  Instant armed_for_ = Instant::never();
  std::string pending_;  // a command line not yet complete
};

}  // namespace swarmcast::wan
