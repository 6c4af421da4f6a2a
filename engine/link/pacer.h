// A token bucket in the form of a virtual schedule (ITU-T I.371's GCRA).
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/base/time.h"
#include "engine/base/units.h"

namespace swarmcast::link {

class Pacer {
 public:
  Pacer(DataRate rate, Duration burst) : rate_(rate), burst_(burst) {}

  DataRate rate() const { return rate_; }
  // What was sent already stays paid for at the old rate.
  void set_rate(DataRate rate) { rate_ = rate; }
  // How far sending may run ahead of the rate after a pause.
  void set_burst(Duration burst) { burst_ = burst; }

  bool is_ready(Instant now) const { return next_send() <= now; }
  Instant next_send() const { return due_ - burst_; }
  void on_sent(int64_t bytes, Instant now) {
    // At most a second of debt, whatever the rate.
    const Duration cost = std::min(rate_.time_to_send(bytes), Duration::seconds(1));
    due_ = std::max(due_, now) + cost;
  }

 private:
  DataRate rate_;
  Duration burst_;
  Instant due_ = Instant::from_us(0);
};

}  // namespace swarmcast::link
