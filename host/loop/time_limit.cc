#include "host/loop/time_limit.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>

#include "engine/base/check.h"

namespace swarmcast {

TimeLimit::TimeLimit(Loop& loop, Duration after, std::function<void()> on_reached)
    : timer_fd_(timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC)),
      on_reached_(std::move(on_reached)) {
  SWARMCAST_CHECK(timer_fd_ >= 0);
  const int64_t us = std::max<int64_t>(after.us(), 1);
  itimerspec spec{};
  spec.it_value = {.tv_sec = us / 1'000'000, .tv_nsec = us % 1'000'000 * 1'000};
  SWARMCAST_CHECK(timerfd_settime(timer_fd_, 0, &spec, nullptr) == 0);
  watch_ =
      std::make_unique<Loop::FdWatch>(loop, timer_fd_, Loop::FdWatch::kReadable, [this](unsigned) {
        uint64_t times = 0;
        if (read(timer_fd_, &times, sizeof times) == sizeof times) on_reached_();
      });
}

TimeLimit::~TimeLimit() {
  watch_.reset();
  close(timer_fd_);
}

}  // namespace swarmcast
