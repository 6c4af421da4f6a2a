// Judging what happens in real time on a machine that may be busy with other things.
#pragma once

#include <algorithm>
#include <atomic>

#include "host/media/clock.h"
#include "host/media/media_thread.h"
#include "host/media/stop_signal.h"

namespace swarmcast::media {

// How late a thread that sleeps is woken up at worst, while this lives.
class WakeUps {
 public:
  WakeUps()
      : thread_("wake-ups", [this] {
          constexpr int kNapMs = 5;
          for (int64_t due_us = monotonic_us(); stop_.sleep_ms(kNapMs); due_us = monotonic_us())
            worst_us_ = std::max(worst_us_.load(), monotonic_us() - due_us - kNapMs * 1'000);
        }) {}
  ~WakeUps() {
    stop_.raise();
    thread_.join();
  }
  int64_t worst_us() const { return worst_us_; }

 private:
  StopSignal stop_;
  std::atomic<int64_t> worst_us_ = 0;
  MediaThread thread_;
};

// What `measure` gives, in a run in which this machine held nobody up; after a few attempts in
// whichever run.
template <typename Measure>
auto undisturbed(Measure measure) {
  constexpr int64_t kHeldUp = 40'000;
  constexpr int kAttempts = 6;
  for (int attempt = 1;; ++attempt) {
    const WakeUps wake_ups;
    auto seen = measure();
    if (attempt == kAttempts || wake_ups.worst_us() < kHeldUp) return seen;
  }
}

}  // namespace swarmcast::media
