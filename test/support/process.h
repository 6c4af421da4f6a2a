// Child processes for tests: their JSON events, their streams, their cost. Nothing outlives the
// Process object: it kills and reaps its child, and the child dies with the thread that started it.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace swarmcast::test {

using std::chrono::milliseconds;

// CLOCK_MONOTONIC, the same in every process and namespace of a machine.
int64_t monotonic_us();

struct ProcessOptions {
  std::vector<std::string> command;  // [0] is a path, or a name looked up in PATH
  std::string network_namespace;     // as of /proc/PID/fd/N; empty: ours
  std::string input;                 // written to its stdin (at most 64 KiB)
  bool keep_input_open = false;      // true: write_input() and close_input() feed it further
  bool binary_output = false;        // true: take_output() hands stdout over unread
  std::chrono::seconds limit{120};   // then SIGALRM ends it
};

struct ProcessExit {
  int code = -1;   // -1 if a signal ended it
  int signal = 0;  // 0 if it ended by itself
  double cpu_seconds = 0;
};

class Process {
 public:
  using Json = nlohmann::json;
  using Predicate = std::function<bool(const Json&)>;

  // nullptr if it cannot be started; a program that is not there exits with 127.
  static std::unique_ptr<Process> start(const ProcessOptions& options);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }

  // Lines of stdout and stderr that are JSON objects with "event" are events, all others text. The
  // first event called `name` (any, if empty) that satisfies `wanted`, among the first ones too
  // unless `from`, an earlier event_count(), says otherwise. nullopt on timeout, or at once if no
  // more can come.
  std::optional<Json> wait_event(std::string_view name, milliseconds timeout,
                                 const Predicate& wanted = {}, size_t from = 0);
  size_t event_count() const;
  std::vector<Json> events(std::string_view name) const;
  // When each of events(name) arrived here, CLOCK_MONOTONIC.
  std::vector<int64_t> arrivals_us(std::string_view name) const;
  std::optional<Json> last_event(std::string_view name) const;
  // When the line arrived here; of the first event of that name, CLOCK_MONOTONIC.
  std::optional<int64_t> arrival_us(std::string_view name) const;
  // What it printed besides events, for messages and for checks of error sentences.
  std::string text() const;

  // The reading end of stdout (binary_output); the caller closes it.
  int take_output();
  // False if the process no longer reads.
  bool write_input(const void* data, size_t size);
  void close_input();

  void signal(int number);
  // Waits for the end; nullopt on timeout. Its output has been read to the end then.
  std::optional<ProcessExit> wait_exit(milliseconds timeout);
  // SIGTERM, then SIGKILL if that has not ended it in time.
  std::optional<ProcessExit> stop(milliseconds timeout = milliseconds(5'000));

  // User and system time of all its threads so far.
  double cpu_seconds() const;
  // Memory that is no file's (RssAnon of /proc/PID/status), in KiB; nullopt if it has ended.
  std::optional<int64_t> anonymous_kib() const;

 private:
  struct Event {
    Json object;
    int64_t arrived_us;
  };
  Process() = default;
  void read_lines(int fd);
  void take_line(std::string_view line);
  bool reap(milliseconds timeout);
  void finish_reading();

  pid_t pid_ = -1;
  int pidfd_ = -1;
  int input_ = -1;
  int output_ = -1;
  std::optional<ProcessExit> exit_;
  std::vector<std::thread> readers_;
  std::atomic<bool> abandon_{false};

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::vector<Event> events_;
  std::string text_;
  int open_streams_ = 0;
};

// A program of this build by its name, e.g. "swarmcast"; $SWARMCAST_BIN overrides the folder.
std::string program(const std::string& name);

}  // namespace swarmcast::test
