// A thread that leaves no picture behind on its stack.
#pragma once

#include <functional>
#include <thread>

namespace swarmcast::media {

// Joins on destruction. SIGPIPE is blocked in the thread, so that a closed pipe is an error code;
// other signals are left to the thread that handles them.
class MediaThread {
 public:
  MediaThread() = default;
  // `name`: at most 15 characters.
  MediaThread(const char* name, std::function<void()> body);
  ~MediaThread() { join(); }
  MediaThread(MediaThread&&) = default;
  MediaThread& operator=(MediaThread&& other) noexcept {
    join();
    thread_ = std::move(other.thread_);
    return *this;
  }
  void join() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::thread thread_;
};

// For calls that nobody can end: runs `body` on a thread that is never joined, and dies with the
// process. It may touch only what it owns.
void run_abandonable(const char* name, std::function<void()> body);

}  // namespace swarmcast::media
