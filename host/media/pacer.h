// Maps an input's timestamps to the moments at which its pictures leave. No clock of its own.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

namespace swarmcast::media {

// The hard part is a pipe: the same bytes may come from a stored file, as fast as we take them, or
// from a live camera, where every picture that waits is delay. What tells them apart is who waits
// for whom: while the reader has to wait for room in our queue the producer is ahead, and its
// timestamps set the pace. If for half a second the producer is never ahead, yet every picture
// had to wait for its moment, that wait is only delay, and the time line moves earlier by it.
//
// All times are microseconds. A picture that comes too late leaves at once, and the time line
// stays; after kStall the producer has paused, and the time line moves on with it.
class Pacer {
 public:
  // `live`: a device; its pictures are always due on arrival.
  explicit Pacer(bool live) : live_(live) {}

  // The reader has a picture of timestamp `pts`.
  void on_arrival(int64_t pts, int64_t now);
  // The reader had to wait for room: the producer is ahead of real time.
  void on_blocked(int64_t now) { start_window(now); }

  // When the picture or sound of timestamp `pts` leaves; nullopt before the first arrival.
  std::optional<int64_t> due(int64_t pts) const {
    return started_ ? std::optional(base_ + pts) : std::nullopt;
  }

 private:
  static constexpr int64_t kStall = 500'000;
  static constexpr int64_t kWindow = 500'000;
  static constexpr int64_t kNegligible = 2'000;

  void start_window(int64_t now) {
    window_start_ = now;
    slack_ = std::numeric_limits<int64_t>::max();
  }

  bool live_;
  bool started_ = false;
  int64_t base_ = 0;  // when timestamp 0 leaves
  int64_t window_start_ = 0;
  int64_t slack_ = 0;  // shortest wait of a picture in this window
};

}  // namespace swarmcast::media
