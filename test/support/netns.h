// An emulated wide-area network between namespaces, and work inside one of them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "test/support/process.h"

namespace swarmcast::test {

// What passed an interface, from the IP header up.
struct InterfaceCounters {
  uint64_t received_bytes = 0;
  uint64_t received_packets = 0;
  uint64_t sent_bytes = 0;
  uint64_t sent_packets = 0;
};

// Hosts 0..n-1 with the addresses 10.77.1.1, 10.77.2.1, ...; every path starts perfect. All of it
// is gone when the object is, or when this process dies however it dies.
class Wan {
 public:
  // nullptr and the reason in `why` if this machine does not allow it (a test then skips).
  static std::unique_ptr<Wan> create(size_t hosts, std::string* why, uint64_t seed = 1);

  std::string address(size_t host) const { return "10.77." + std::to_string(host + 1) + ".1"; }
  // For ProcessOptions::network_namespace.
  const std::string& network_namespace(size_t host) const { return namespaces_[host]; }

  // The emulator's own language, see tools/wan/command.h; hosts are named h0, h1, ... False if it
  // refused.
  bool command(const std::string& line);
  // Both directions, e.g. link(0, 1, "delay=20ms loss=1% burst=4").
  bool link(size_t a, size_t b, const std::string& settings);
  bool path(size_t from, size_t to, const std::string& settings);
  bool every_link(const std::string& settings);
  // Both directions carry nothing until cut(a, b, "off"), or for a time: "500ms".
  bool cut(size_t a, size_t b, const std::string& state = "on");

  // The emulator's counters so far; null if it does not answer.
  nlohmann::json stats();
  // Of the hosts alone, and of all paths together: for networks of dozens of hosts.
  nlohmann::json host_stats();
  // The emulator's own user and system time so far.
  double emulator_cpu_seconds() const { return emulator_->cpu_seconds(); }
  // Of one directed path in stats(); null if it carried nothing.
  static nlohmann::json path_stats(const nlohmann::json& stats, size_t from, size_t to);
  // The host's interface by the kernel's own count.
  InterfaceCounters counters(size_t host) const;

 private:
  Wan() = default;
  nlohmann::json ask_stats(const std::string& line);
  std::unique_ptr<Process> emulator_;
  std::vector<std::string> namespaces_;
};

// Runs `work` inside a namespace (a socket made there stays there); false if it cannot be entered.
bool inside_namespace(const std::string& network_namespace, const std::function<void()>& work);
// `interface` as of the calling thread's namespace.
InterfaceCounters read_counters(const std::string& interface);

}  // namespace swarmcast::test
