// What one direction between two hosts does to packets: loss, rate, delay. No I/O, no clock. Lines
// and losses are those of the simulator: its forecasts are held against this emulator.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "engine/base/random.h"
#include "engine/base/time.h"
#include "engine/base/units.h"
#include "sim/net/bottleneck.h"
#include "sim/net/loss_model.h"

namespace swarmcast::wan {

using sim::Bottleneck;
using sim::LossModel;

struct PathCounters {
  uint64_t packets_in = 0;  // what the sender's interface gave, from the IP header up
  uint64_t bytes_in = 0;
  uint64_t packets_out = 0;  // what reached the receiver's interface
  uint64_t bytes_out = 0;
  uint64_t lost = 0;         // by the loss model
  uint64_t loss_runs = 0;    // runs of consecutive losses
  uint64_t queue_drops = 0;  // at its own bottleneck or its sender's uplink
  uint64_t cut_drops = 0;    // by the firewall, too
  // Packets of kLargePacket bytes and more: media rather than acknowledgements.
  uint64_t large_in = 0;
  uint64_t large_lost = 0;  // in whichever way
};
inline constexpr size_t kLargePacket = 1'000;

// One directed pair of hosts.
class Path {
 public:
  explicit Path(uint64_t seed) : prng_(seed) {}

  Duration delay;    // one way
  Duration jitter;   // uniform extra 0..jitter; order is kept
  Duration reorder;  // uniform extra 0..reorder; order is not kept
  LossModel loss;
  Bottleneck bottleneck;
  Instant cut_until;  // never(): cut until further notice
  bool udp = true;    // false: a firewall drops it, and lets TCP through

  // When a packet that enters now arrives; nullopt if it does not.
  std::optional<Instant> carry(Instant now, size_t bytes, bool is_udp = false);
  PathCounters counters;

 private:
  std::optional<Instant> pass(Instant now, size_t bytes, bool is_udp);
  Prng prng_;
  Instant last_arrival_;
  bool losing_ = false;
};

}  // namespace swarmcast::wan
