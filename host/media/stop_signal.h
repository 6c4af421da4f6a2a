// Tells blocked media threads to give up.
#pragma once

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>

namespace swarmcast::media {

class StopSignal {
 public:
  StopSignal() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~StopSignal() { close(fd_); }
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  void raise() {
    raised_ = true;
    const uint64_t one = 1;
    // Can only fail if it was raised before.
    [[maybe_unused]] const ssize_t n = write(fd_, &one, sizeof one);
  }
  bool raised() const { return raised_; }
  int fd() const { return fd_; }  // readable once the signal is raised

  // Waits until `fd` is ready for `events`, hung up or in error (true), or the signal is raised or
  // the time is over (false). `timeout_ms`: about; -1 = none.
  bool wait_for(int fd, short events, int timeout_ms = -1) const {
    for (;;) {
      pollfd fds[2] = {{fd, events, 0}, {fd_, POLLIN, 0}};
      const int n = poll(fds, 2, timeout_ms);
      if (raised_ || n == 0) return false;
      if (n < 0 && errno == EINTR) continue;
      if (n < 0 || fds[0].revents != 0) return true;
    }
  }
  // False: raised.
  bool sleep_ms(int ms) const {
    wait_for(-1, 0, ms);
    return !raised_;
  }

 private:
  int fd_;
  std::atomic<bool> raised_ = false;
};

}  // namespace swarmcast::media
