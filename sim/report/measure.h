// The figures of a run. Everything in virtual time; no libm, so that they are the same everywhere.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "sim/report/causes.h"
#include "sim/report/traffic.h"
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
  // The same from capture until it could be decoded: the network's part, no device time.
  std::optional<double> network_p50_ms, network_p95_ms, network_p99_ms;
  double hops_mean = 0;
  int hops_max = 0;
  double unplaced = 0;      // share of viewer-time without a way to the source
  double on_time = 0;       // share of the pairs shown by their playout deadline
  double base_on_time = 0;  // the same of pairs with a frame of the base layer
  double stall_share = 0;   // of viewer-time
  double overhead = 0;      // all bytes sent, IP header up, over those of pictures received, less 1
  double duplicates = 0;    // share of the payload received that was there already
  double uplink_used = 0;   // share of everybody's uplink, the source's included
  uint64_t violations = 0;
};

// Over one second of capture.
struct SecondOfRun {
  uint64_t viewers = 0;           // due at least a frame
  uint64_t watching = 0;          // shown at least one
  uint64_t due = 0, on_time = 0;  // pairs of a viewer and a frame
};

// A node at the end of the window.
struct Position {
  NodeId node = 0;
  std::optional<NodeId> parent;
  int hop = 0;
};

// What plots are made of.
struct Details {
  std::vector<double> delay_cdf;  // share of all pairs shown within i ms, device time included
  std::vector<uint64_t> depths;   // samples by hops; 0: not placed
  std::vector<SecondOfRun> seconds;
  std::array<uint64_t, kCauses> bytes{};  // sent, by Cause
  uint64_t duplicate_bytes = 0;           // payload received again
  std::vector<Position> tree;
};

class Measure final : public Observer {
 public:
  // Frames captured in [begin, end) count. The run must go on for kSettle after `end`.
  Measure(const Swarm& swarm, Instant begin, Instant end, Duration frame_period)
      : swarm_(swarm), begin_(begin), end_(end), period_(frame_period) {}

  // A frame is judged this long after its capture.
  static constexpr Duration kSettle = kMaxPlayout;

  // This viewer is due what is captured from `from` on, until it is excused.
  void expect(NodeId node, Instant from);
  void excuse(NodeId node);

  void on_published(Instant now, const EncodedFrame& frame) override;
  // A picture of so many bytes, the next in number.
  void on_published(Instant now, size_t bytes, bool base_layer);
  void on_sent(Instant now, NodeId node, ByteSpan message) override;
  void on_frame(Instant now, NodeId node, const output::Frame& shown) override;
  // Of swarms that do not speak our messages: what a packet is made of, IP header up.
  void on_bytes(Instant now, Cause cause, uint64_t bytes);
  // And that frame `number` could be decoded at `ready`, and is shown at `present_at`; `late` if
  // its deadline had passed by then.
  void on_shown(NodeId node, uint32_t number, Instant ready, Instant present_at, bool late = false);
  // To be called at `begin`, at `end`, and once a second in between.
  void on_begin();
  void on_end();
  void sample_depths();
  // After the last frame has settled.
  Summary summary();
  Details details() const;

 private:
  static constexpr uint32_t kRing = 512;  // more frames than can be unsettled
  static constexpr size_t kBins = 10'000;
  static constexpr Duration kBin = Duration::millis(1);

  struct Shown {
    uint32_t number = 0;
    bool shown = false;
    bool on_time = false;
    Duration delay;
    Duration network;
  };
  using Bins = std::array<uint64_t, kBins>;  // of kBin each
  struct Viewer {
    Instant due_from = Instant::never();  // never: not due
    Instant stalled_from;                 // one period after the last picture
    std::vector<Shown> recent;
    size_t seconds_due = 0, seconds_watched = 0;  // one past the last such second
  };
  struct Counted {  // at `begin`
    uint64_t sent = 0, fresh = 0, again = 0;
  };
  Viewer& viewer(NodeId node);
  void settle(Viewer& viewer, uint32_t number);
  void count_stall(Viewer& viewer, Instant until);
  void settle_up_to(Instant now);
  Counted counted(NodeId node) const;
  std::optional<double> percentile(const Bins& bins, double share) const;
  static void count(Bins& bins, Duration delay);

  const Swarm& swarm_;
  Instant begin_, end_;
  Duration period_;
  struct Captured {
    Instant at;
    size_t bytes;
    bool base_layer;
  };
  std::vector<Captured> captured_;  // by number
  uint32_t settled_ = 0;            // all below are
  std::vector<Viewer> viewers_;
  std::vector<Counted> before_;
  Bins delays_{}, network_delays_{};
  std::vector<SecondOfRun> seconds_;
  std::vector<uint64_t> depths_;
  std::array<uint64_t, kCauses> bytes_{};
  Traffic traffic_;
  std::vector<Position> tree_;
  uint64_t due_ = 0, shown_ = 0, on_time_ = 0, media_bytes_ = 0;
  uint64_t base_due_ = 0, base_on_time_ = 0;
  Duration stalled_, watched_;
  uint64_t hop_sum_ = 0, hop_samples_ = 0;
  int hops_max_ = 0;
  Counted total_;
  uint64_t capacity_ = 0;  // bytes that all uplinks could have carried
};

}  // namespace swarmcast::sim
