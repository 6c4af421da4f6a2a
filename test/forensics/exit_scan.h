// Looks through all memory of another process: while it runs, and at its end, when it has done all
// that it ever will but its memory is still there. Needs the right to trace it: root, or the
// process in a user namespace of ours (start it with run_where_visible()).
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace swarmcast::test {

// What must not be found, e.g. {"secret", 16 random bytes}; at most 512 bytes.
struct Canary {
  std::string name;
  std::string bytes;
};

// Of not_zero, at most, after the last wipe: where that itself stood, and its view of
// /proc/self/maps.
inline constexpr uint64_t kLeftByTheWipe = 32 * 1'024;

struct MemoryScan {
  // As "secret in [heap]", one for each place.
  std::vector<std::string> hits;
  // Mappings that could not be read to their end: what is not seen is not clean.
  std::vector<std::string> unreadable;
  // Bytes that the process may write to, and those that are not zero.
  uint64_t writable = 0;
  uint64_t not_zero = 0;
  bool found(const std::string& name) const;
};

// The words before a command that let us see into it, if we are not root.
std::vector<std::string> run_where_visible();

// A process that is traced by the thread that constructs this and calls its functions.
class Autopsy {
 public:
  // attached() is false if that is not allowed here.
  explicit Autopsy(pid_t process);
  ~Autopsy();
  Autopsy(const Autopsy&) = delete;
  Autopsy& operator=(const Autopsy&) = delete;
  bool attached() const { return attached_; }

  // Stops it, looks, and lets it go on.
  std::optional<MemoryScan> scan_alive(const std::vector<Canary>& canaries);
  // Lets it run until it ends, looks before its memory is gone, and lets go of it. nullopt if it
  // did not end in time.
  std::optional<MemoryScan> scan_at_exit(const std::vector<Canary>& canaries,
                                         std::chrono::milliseconds timeout);

 private:
  // The ptrace event it stopped for, 0 for a signal that it was given; nullopt: none in time.
  std::optional<int> wait_stop(std::chrono::milliseconds timeout);

  pid_t process_;
  bool attached_ = false;
};

}  // namespace swarmcast::test
