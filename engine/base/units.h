// Data rates as a type.
#pragma once

#include <compare>
#include <cstdint>

#include "engine/base/time.h"

namespace swarmcast {

// Bits per second, never negative.
class DataRate {
 public:
  constexpr DataRate() = default;
  static constexpr DataRate bps(int64_t v) { return DataRate(v < 0 ? 0 : v); }
  static constexpr DataRate kbps(int64_t v) { return bps(v * 1'000); }
  constexpr int64_t bps() const { return bps_; }
  constexpr int64_t kbps() const { return bps_ / 1'000; }
  constexpr auto operator<=>(const DataRate&) const = default;

  // How long `bytes` take at this rate; infinite at zero.
  constexpr Duration time_to_send(int64_t bytes) const {
    return bps_ == 0 ? Duration::infinite() : Duration::micros(bytes * 8'000'000 / bps_);
  }
  constexpr int64_t bytes_in(Duration d) const { return bps_ * d.us() / 8'000'000; }
  static constexpr DataRate of(int64_t bytes, Duration d) {
    return d.us() <= 0 ? DataRate() : bps(bytes * 8'000'000 / d.us());
  }

 private:
  constexpr explicit DataRate(int64_t v) : bps_(v) {}
  int64_t bps_ = 0;
};

}  // namespace swarmcast
