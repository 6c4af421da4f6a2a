#include "test/forensics/exit_scan.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>

namespace swarmcast::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr size_t kBlock = 64 * 1'024;
// The longest canary; what of one may lie in a block that is otherwise zero.
constexpr size_t kLongestCanary = 512;

struct Mapping {
  uint64_t begin = 0, end = 0;
  std::string permissions, path;

  // Devices' memory, and pages of the kernel's own, are not the process'.
  bool readable() const {
    const bool device = path.starts_with("/dev/") && !path.starts_with("/dev/shm/") &&
                        !path.starts_with("/dev/zero");
    return permissions[0] == 'r' && !device && !path.starts_with("[v");
  }
  bool writable() const { return readable() && permissions[1] == 'w'; }
};

std::vector<Mapping> mappings_of(pid_t process) {
  std::ifstream maps("/proc/" + std::to_string(process) + "/maps");
  std::vector<Mapping> out;
  for (std::string line; std::getline(maps, line);) {
    std::istringstream words(line);
    Mapping m;
    char dash;
    std::string offset, device, inode;
    words >> std::hex >> m.begin >> dash >> m.end >> m.permissions >> offset >> device >> inode;
    std::getline(words >> std::ws, m.path);
    if (m.permissions.size() == 4) out.push_back(m);
  }
  return out;
}

void search(const std::string& memory, const Mapping& m, const std::vector<Canary>& canaries,
            MemoryScan& scan) {
  for (const Canary& canary : canaries) {
    const char* at = memory.data();
    const char* const end = at + memory.size();
    const auto next = [&] {
      return static_cast<const char*>(
          memmem(at, static_cast<size_t>(end - at), canary.bytes.data(), canary.bytes.size()));
    };
    for (const char* hit; (hit = next()) != nullptr; at = hit + 1)
      scan.hits.push_back(canary.name + " in " + (m.path.empty() ? "memory" : m.path) + " " +
                          m.permissions);
  }
}

// One mapping. Most of memory is zero, and not searched.
void scan_mapping(int memory, const Mapping& m, const std::vector<Canary>& canaries,
                  MemoryScan& scan) {
  std::string in_use(kLongestCanary, '\0');
  std::string block(kBlock, '\0');
  for (uint64_t at = m.begin; at < m.end;) {
    block.resize(std::min<uint64_t>(kBlock, m.end - at));
    const ssize_t got = pread(memory, block.data(), block.size(), static_cast<off_t>(at));
    // Behind the end of a file that is mapped there is nothing to read, for the process neither.
    if (got <= 0 && !m.path.starts_with('/'))
      scan.unreadable.push_back(m.path + " " + m.permissions);
    if (got <= 0) break;
    block.resize(static_cast<size_t>(got));
    at += block.size();
    const auto not_zero = block.size() - static_cast<size_t>(std::ranges::count(block, '\0'));
    if (m.writable()) {
      scan.writable += block.size();
      scan.not_zero += not_zero;
    }
    if (not_zero > 0) {
      in_use += block;
    } else if (in_use.size() > kLongestCanary) {
      search(in_use + block.substr(0, kLongestCanary), m, canaries, scan);
      in_use.assign(kLongestCanary, '\0');
    }
  }
  search(in_use, m, canaries, scan);
}

MemoryScan scan(pid_t process, const std::vector<Canary>& canaries) {
  MemoryScan out;
  const int memory = open(("/proc/" + std::to_string(process) + "/mem").c_str(), O_RDONLY);
  const auto mappings = mappings_of(process);
  if (memory < 0 || mappings.empty()) out.unreadable.push_back("all of it");
  for (const Mapping& m : mappings)
    if (m.readable()) scan_mapping(memory, m, canaries, out);
  if (memory >= 0) close(memory);
  return out;
}

}  // namespace

bool MemoryScan::found(const std::string& name) const {
  return std::ranges::any_of(hits, [&](const std::string& hit) { return hit.starts_with(name); });
}

std::vector<std::string> run_where_visible() {
  if (geteuid() == 0) return {};
  return {"unshare", "-r"};
}

Autopsy::Autopsy(pid_t process) : process_(process) {
  attached_ = ptrace(PTRACE_SEIZE, process, nullptr, PTRACE_O_TRACEEXIT) == 0;
}

Autopsy::~Autopsy() {
  if (!attached_) return;
  ptrace(PTRACE_INTERRUPT, process_, nullptr, nullptr);
  wait_stop(milliseconds(5'000));
  ptrace(PTRACE_DETACH, process_, nullptr, nullptr);
}

std::optional<int> Autopsy::wait_stop(milliseconds timeout) {
  const auto deadline = steady_clock::now() + timeout;
  for (int status = 0; steady_clock::now() < deadline;) {
    // A stop is not told by any descriptor: looking now and then is all there is.
    const pid_t seen = waitpid(process_, &status, WNOHANG | __WALL);
    if (seen < 0 || (seen == process_ && !WIFSTOPPED(status))) return std::nullopt;
    if (seen == 0) {
      std::this_thread::sleep_for(milliseconds(1));
      continue;
    }
    if (const int event = status >> 16) return event;
    ptrace(PTRACE_CONT, process_, nullptr, WSTOPSIG(status));
  }
  return std::nullopt;
}

std::optional<MemoryScan> Autopsy::scan_alive(const std::vector<Canary>& canaries) {
  ptrace(PTRACE_INTERRUPT, process_, nullptr, nullptr);
  if (wait_stop(milliseconds(5'000)) != PTRACE_EVENT_STOP) return std::nullopt;
  const MemoryScan out = scan(process_, canaries);
  ptrace(PTRACE_CONT, process_, nullptr, nullptr);
  return out;
}

std::optional<MemoryScan> Autopsy::scan_at_exit(const std::vector<Canary>& canaries,
                                                milliseconds timeout) {
  if (wait_stop(timeout) != PTRACE_EVENT_EXIT) return std::nullopt;
  const MemoryScan out = scan(process_, canaries);
  ptrace(PTRACE_DETACH, process_, nullptr, nullptr);
  attached_ = false;
  return out;
}

}  // namespace swarmcast::test
