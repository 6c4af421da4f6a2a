#include "test/support/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <utility>

extern "C" {  // glibc 2.36 declares it without
#include <sys/pidfd.h>
}

namespace swarmcast::test {
namespace {

constexpr size_t kMaxLine = 64 * 1'024;
constexpr size_t kMaxText = 1 << 20;
constexpr size_t kMaxEvents = 100'000;

struct Pipe {
  int ends[2] = {-1, -1};
  bool open() { return pipe2(ends, O_CLOEXEC) == 0; }
  int reader() const { return ends[0]; }
  int writer() const { return ends[1]; }
};

void close_fd(int& fd) {
  if (fd >= 0) close(fd);
  fd = -1;
}

// Between fork and exec: async-signal-safe calls only.
[[noreturn]] void become(char* const* command, int netns, unsigned limit, int in, int out,
                         int err) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  alarm(limit);  // survives exec
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  if (netns >= 0 && setns(netns, CLONE_NEWNET) != 0) _exit(126);
  if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0) _exit(126);
  execvp(command[0], command);
  _exit(127);
}

}  // namespace

int64_t monotonic_us() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1'000'000 + t.tv_nsec / 1'000;
}

std::string program(const std::string& name) {
  const char* folder = std::getenv("SWARMCAST_BIN");
  return std::string(folder != nullptr ? folder : SWARMCAST_BIN_DIR) + "/" + name;
}

std::unique_ptr<Process> Process::start(const ProcessOptions& options) {
  [[maybe_unused]] static const auto once = ::signal(SIGPIPE, SIG_IGN);
  std::vector<char*> command;
  for (const std::string& word : options.command)
    command.push_back(const_cast<char*>(word.c_str()));
  command.push_back(nullptr);
  int netns = -1;
  if (!options.network_namespace.empty()) {
    netns = open(options.network_namespace.c_str(), O_RDONLY | O_CLOEXEC);
    if (netns < 0) return nullptr;
  }
  Pipe in, out, err;
  std::unique_ptr<Process> process(new Process);
  const bool ready = in.open() && out.open() && err.open();
  if (ready) {
    process->pid_ = fork();
    if (process->pid_ == 0) {
      become(command.data(), netns, static_cast<unsigned>(options.limit.count()), in.reader(),
             out.writer(), err.writer());
    }
  }
  for (int fd : {netns, in.reader(), out.writer(), err.writer()}) close_fd(fd);
  if (process->pid_ < 0) {
    for (int fd : {in.writer(), out.reader(), err.reader()}) close_fd(fd);
    return nullptr;
  }
  process->pidfd_ = pidfd_open(process->pid_, 0);
  process->input_ = in.writer();
  std::vector<int> streams = {err.reader()};
  if (options.binary_output) {
    process->output_ = out.reader();
  } else {
    streams.push_back(out.reader());
  }
  process->open_streams_ = static_cast<int>(streams.size());
  for (int fd : streams)
    process->readers_.emplace_back([p = process.get(), fd] { p->read_lines(fd); });
  if (!options.input.empty()) process->write_input(options.input.data(), options.input.size());
  if (!options.keep_input_open) process->close_input();
  return process;
}

Process::~Process() {
  if (!exit_) {
    ::kill(pid_, SIGKILL);
    reap(milliseconds(10'000));
  }
  abandon_ = true;  // a grandchild may still hold the pipes
  for (std::thread& reader : readers_) {
    if (reader.joinable()) reader.join();
  }
  close_fd(input_);
  close_fd(output_);
  close_fd(pidfd_);
}

void Process::read_lines(int fd) {
  std::string pending;
  char buffer[16 * 1'024];
  for (;;) {
    pollfd ready{fd, POLLIN, 0};
    const int n = poll(&ready, 1, 50);
    if (n == 0 && abandon_) break;
    if (n <= 0) continue;
    const ssize_t got = read(fd, buffer, sizeof buffer);
    if (got <= 0) break;
    pending.append(buffer, static_cast<size_t>(got));
    size_t begin = 0;
    for (size_t end; (end = pending.find_first_of("\r\n", begin)) != std::string::npos;
         begin = end + 1) {
      take_line(std::string_view(pending).substr(begin, end - begin));
    }
    pending.erase(0, begin);
    if (pending.size() > kMaxLine) pending.clear();
  }
  take_line(pending);
  close(fd);
  const std::lock_guard lock(mutex_);
  --open_streams_;
  changed_.notify_all();
}

void Process::take_line(std::string_view line) {
  if (line.empty()) return;
  const int64_t now = monotonic_us();
  Json object;
  if (line.front() == '{') object = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  const bool is_event =
      object.is_object() && object.contains("event") && object["event"].is_string();
  const std::lock_guard lock(mutex_);
  if (is_event) {
    if (events_.size() < kMaxEvents) events_.push_back({std::move(object), now});
    changed_.notify_all();
  } else if (text_.size() < kMaxText) {
    text_.append(line).push_back('\n');
  }
}

std::optional<Process::Json> Process::wait_event(std::string_view name, milliseconds timeout,
                                                 const Predicate& wanted, size_t from) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  std::unique_lock lock(mutex_);
  for (size_t next = from;;) {
    for (; next < events_.size(); ++next) {
      const Json& object = events_[next].object;
      if ((name.empty() || object["event"] == name) && (!wanted || wanted(object))) return object;
    }
    if (open_streams_ == 0) return std::nullopt;
    if (changed_.wait_until(lock, deadline) == std::cv_status::timeout && next >= events_.size()) {
      return std::nullopt;
    }
  }
}

size_t Process::event_count() const {
  const std::lock_guard lock(mutex_);
  return events_.size();
}

std::vector<Process::Json> Process::events(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  std::vector<Json> out;
  for (const Event& event : events_) {
    if (event.object["event"] == name) out.push_back(event.object);
  }
  return out;
}

std::vector<int64_t> Process::arrivals_us(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  std::vector<int64_t> out;
  for (const Event& event : events_) {
    if (event.object["event"] == name) out.push_back(event.arrived_us);
  }
  return out;
}

std::optional<Process::Json> Process::last_event(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(events_.rbegin(), events_.rend(),
                                  [&](const Event& e) { return e.object["event"] == name; });
  return found == events_.rend() ? std::nullopt : std::optional(found->object);
}

std::optional<int64_t> Process::arrival_us(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  for (const Event& event : events_) {
    if (event.object["event"] == name) return event.arrived_us;
  }
  return std::nullopt;
}

std::string Process::text() const {
  const std::lock_guard lock(mutex_);
  return text_;
}

int Process::take_output() { return std::exchange(output_, -1); }

bool Process::write_input(const void* data, size_t size) {
  const char* at = static_cast<const char*>(data);
  while (input_ >= 0 && size > 0) {
    const ssize_t n = write(input_, at, size);
    if (n <= 0) return false;
    at += n;
    size -= static_cast<size_t>(n);
  }
  return size == 0;
}

void Process::close_input() { close_fd(input_); }

void Process::signal(int number) {
  if (!exit_) ::kill(pid_, number);
}

bool Process::reap(milliseconds timeout) {
  pollfd ended{pidfd_, POLLIN, 0};
  if (poll(&ended, 1, static_cast<int>(timeout.count())) != 1) return false;
  int status = 0;
  rusage usage{};
  if (wait4(pid_, &status, 0, &usage) != pid_) return false;
  const auto seconds = [](const timeval& t) { return t.tv_sec + t.tv_usec / 1e6; };
  exit_ = ProcessExit{WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                      WIFSIGNALED(status) ? WTERMSIG(status) : 0,
                      seconds(usage.ru_utime) + seconds(usage.ru_stime)};
  return true;
}

void Process::finish_reading() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, milliseconds(2'000), [this] { return open_streams_ == 0; });
}

std::optional<ProcessExit> Process::wait_exit(milliseconds timeout) {
  if (!exit_ && !reap(timeout)) return std::nullopt;
  finish_reading();
  return exit_;
}

std::optional<ProcessExit> Process::stop(milliseconds timeout) {
  signal(SIGTERM);
  if (!wait_exit(timeout)) {
    signal(SIGKILL);
    wait_exit(timeout);
  }
  return exit_;
}

double Process::cpu_seconds() const {
  if (exit_) return exit_->cpu_seconds;
  clockid_t clock{};
  timespec t{};
  if (clock_getcpuclockid(pid_, &clock) != 0 || clock_gettime(clock, &t) != 0) return 0;
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

std::optional<int64_t> Process::anonymous_kib() const {
  // Which anybody may read, unlike smaps_rollup of a process that shuts debuggers out.
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  for (std::string word; status >> word;) {
    int64_t kib = 0;
    if (word == "RssAnon:" && status >> kib) return kib;
  }
  return std::nullopt;
}

}  // namespace swarmcast::test
