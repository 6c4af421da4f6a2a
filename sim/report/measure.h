// The figures of a run. Everything in virtual time; no libm, so that they are the same everywhere.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "sim/world/world.h"

namespace swarmcast::sim {

// From light on the sensor to the encoder's output, and from the decoder's input to light: stated,
// not simulated (a phone's camera, one encode, one decode, one display refresh).
inline constexpr Duration kDeviceTime = Duration::millis(110);
// A viewer without a new picture for longer than this is stalled.
inline constexpr Duration kStall = Duration::millis(250);

struct Summary {
  size_t viewers = 0;
  // Over all (viewer, due frame) pairs, device time included; nullopt: infinite.
  std::optional<double> p50_ms, p95_ms, p99_ms;
  double hops_mean = 0;
  int hops_max = 0;
  double on_time = 0;      // share of the pairs shown by their playout deadline
  double stall_share = 0;  // of viewer-time
  double overhead = 0;     // all bytes sent, IP header up, over those of pictures received, less 1
  double duplicates = 0;   // share of the payload received that was there already
  double uplink_used = 0;  // share of everybody's uplink, the source's included
  uint64_t violations = 0;
};

class Measure final : public Observer {
 public:
  // Frames captured in [begin, end) count. The run must go on for kSettle after `end`.
  Measure(World& world, Instant begin, Instant end, Duration frame_period)
      : world_(world), begin_(begin), end_(end), period_(frame_period) {}

  // A frame is judged this long after its capture.
  static constexpr Duration kSettle = kMaxPlayout;

  // This viewer is due what is captured from `from` on, until it is excused.
  void expect(NodeId node, Instant from);
  void excuse(NodeId node);

  void on_published(Instant now, const EncodedFrame& frame) override;
  void on_frame(Instant now, NodeId node, const output::Frame& shown) override;
  // To be called at `begin`, at `end`, and once a second in between.
  void on_begin();
  void on_end();
  void sample_depths();
  // After the last frame has settled.
  Summary summary();

 private:
  static constexpr uint32_t kRing = 512;  // more frames than can be unsettled
  static constexpr size_t kBins = 10'000;
  static constexpr Duration kBin = Duration::millis(1);

  struct Shown {
    uint32_t number = 0;
    bool shown = false;
    bool on_time = false;
    Duration delay;
  };
  struct Viewer {
    Instant due_from = Instant::never();  // never: not due
    Instant stalled_from;                 // one period after the last picture
    std::vector<Shown> recent;
  };
  struct Counted {  // at `begin`
    uint64_t sent = 0, fresh = 0, again = 0;
  };
  Viewer& viewer(NodeId node);
  void settle(const Viewer& viewer, uint32_t number);
  void count_stall(Viewer& viewer, Instant until);
  void settle_up_to(Instant now);
  Counted counted(NodeId node) const;
  std::optional<double> percentile(double share) const;

  World& world_;
  Instant begin_, end_;
  Duration period_;
  struct Captured {
    Instant at;
    size_t bytes;
  };
  std::vector<Captured> captured_;  // by number
  uint32_t settled_ = 0;            // all below are
  std::vector<Viewer> viewers_;
  std::vector<Counted> before_;
  std::array<uint64_t, kBins> bins_{};
  uint64_t due_ = 0, shown_ = 0, on_time_ = 0, media_bytes_ = 0;
  Duration stalled_, watched_;
  uint64_t hop_sum_ = 0, hop_samples_ = 0;
  int hops_max_ = 0;
  Counted total_;
  uint64_t capacity_ = 0;  // bytes that all uplinks could have carried
};

}  // namespace swarmcast::sim
