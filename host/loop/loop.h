// The program's one event loop, on a GLib main context so that libnice and libsoup can join it.
// Not thread-safe, except for post() and quit().
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <vector>

#include "engine/base/time.h"

using GMainContext = struct _GMainContext;  // NOLINT(bugprone-reserved-identifier): GLib's

namespace swarmcast {

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // CLOCK_MONOTONIC in microseconds. The only clock of the program.
  static Instant now();

  // Serves events until quit().
  void run();
  // Ends run() after the callback in progress; from any thread.
  void quit();
  // Serves what is due, waiting for it if `may_wait`. For callers with a condition of their own.
  // Not from within a callback.
  void run_once(bool may_wait);

  // Calls `task` on the loop's thread, in the order posted; from any thread. Tasks that have not
  // run when the loop is destroyed never run.
  void post(std::function<void()> task);

  // Calls `on_signal(number)` from the loop instead of the signal's default action. Call once,
  // before any thread is started: threads inherit the blocked signals.
  void watch_signals(std::initializer_list<int> numbers, std::function<void(int)> on_signal);

  // For GLib users (libnice, libsoup): the thread-default context of whoever runs this loop.
  GMainContext* context() const;

  class Timer;
  class FdWatch;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Fires once at an instant, to the precision of the kernel's high-resolution timers. Must not
// outlive its loop. A callback may change any timer and destroy any but its own.
class Loop::Timer {
 public:
  Timer(Loop& loop, std::function<void()> on_due);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // Replaces the former instant. An instant in the past fires in the next iteration;
  // Instant::never() cancels.
  void set(Instant due);
  void cancel() { set(Instant::never()); }
  Instant due() const { return due_; }

 private:
  friend struct Loop::Impl;
  Loop& loop_;
  std::function<void()> on_due_;
  Instant due_ = Instant::never();
};

// Calls `on_ready(events)` while the descriptor is ready (level-triggered). Must not outlive its
// loop; the descriptor stays the caller's. A callback may destroy any watch but its own.
class Loop::FdWatch {
 public:
  enum : unsigned { kReadable = 1, kWritable = 2, kBroken = 4 };  // kBroken is always watched

  FdWatch(Loop& loop, int fd, unsigned events, std::function<void(unsigned)> on_ready);
  ~FdWatch();
  FdWatch(const FdWatch&) = delete;
  FdWatch& operator=(const FdWatch&) = delete;

  void set_events(unsigned events);

 private:
  friend struct Loop::Impl;
  Loop& loop_;
  std::function<void(unsigned)> on_ready_;
  void* tag_;
};

}  // namespace swarmcast
