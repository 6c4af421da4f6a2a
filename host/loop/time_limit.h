// A limit on how long something may go on, of the time that people see: a suspended machine's
// counts as well, unlike in a Loop::Timer.
#pragma once

#include <functional>
#include <memory>

#include "host/loop/loop.h"

namespace swarmcast {

class TimeLimit {
 public:
  // Calls `on_reached` once, from the loop, `after` this moment; after a suspension that reached
  // beyond it, at once.
  TimeLimit(Loop& loop, Duration after, std::function<void()> on_reached);
  ~TimeLimit();
  TimeLimit(const TimeLimit&) = delete;
  TimeLimit& operator=(const TimeLimit&) = delete;

 private:
  int timer_fd_;
  std::function<void()> on_reached_;
  std::unique_ptr<Loop::FdWatch> watch_;
};

}  // namespace swarmcast
