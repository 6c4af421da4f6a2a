// Time as types. The engine never reads a clock: every Instant comes in from the host.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

namespace swarmcast {

// A span of time, microsecond resolution, may be negative.
class Duration {
 public:
  constexpr Duration() = default;
  static constexpr Duration micros(int64_t us) { return Duration(us); }
  static constexpr Duration millis(int64_t ms) { return Duration(ms * 1'000); }
  static constexpr Duration seconds(int64_t s) { return Duration(s * 1'000'000); }
  static constexpr Duration infinite() { return Duration(std::numeric_limits<int64_t>::max()); }

  constexpr int64_t us() const { return us_; }
  constexpr int64_t ms() const { return us_ / 1'000; }
  constexpr double seconds_f() const { return static_cast<double>(us_) / 1e6; }

  constexpr auto operator<=>(const Duration&) const = default;
  constexpr Duration operator+(Duration o) const { return Duration(us_ + o.us_); }
  constexpr Duration operator-(Duration o) const { return Duration(us_ - o.us_); }
  constexpr Duration operator-() const { return Duration(-us_); }
  constexpr Duration operator*(int64_t n) const { return Duration(us_ * n); }
  constexpr Duration operator/(int64_t n) const { return Duration(us_ / n); }
  constexpr Duration& operator+=(Duration o) { return *this = *this + o; }
  constexpr Duration& operator-=(Duration o) { return *this = *this - o; }

 private:
  constexpr explicit Duration(int64_t us) : us_(us) {}
  int64_t us_ = 0;
};

// A point on one clock. `Tag` keeps the clocks of this program apart at compile time.
template <typename Tag>
class TimePoint {
 public:
  constexpr TimePoint() = default;
  static constexpr TimePoint from_us(int64_t us) { return TimePoint(us); }
  static constexpr TimePoint from_ms(int64_t ms) { return TimePoint(ms * 1'000); }
  static constexpr TimePoint never() { return TimePoint(std::numeric_limits<int64_t>::max()); }

  constexpr int64_t us() const { return us_; }
  constexpr bool is_never() const { return us_ == std::numeric_limits<int64_t>::max(); }

  constexpr auto operator<=>(const TimePoint&) const = default;
  // never() stays never().
  constexpr TimePoint operator+(Duration d) const {
    return is_never() ? *this : TimePoint(us_ + d.us());
  }
  constexpr TimePoint operator-(Duration d) const {
    return is_never() ? *this : TimePoint(us_ - d.us());
  }
  constexpr Duration operator-(TimePoint o) const { return Duration::micros(us_ - o.us_); }

 private:
  constexpr explicit TimePoint(int64_t us) : us_(us) {}
  int64_t us_ = 0;
};

// This host's monotonic clock; the epoch is the host's choice.
using Instant = TimePoint<struct InstantTag>;
// The source's clock: microseconds since the stream began. Capture times are given in it.
using StreamTime = TimePoint<struct StreamTimeTag>;

}  // namespace swarmcast
