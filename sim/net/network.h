// The network between simulated hosts: everybody has an uplink and a downlink with a queue each,
// and between any two lies a path with a delay, losses, jitter, reordering and duplicates. No
// events: it says when a packet arrives, and the caller keeps the time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/random.h"
#include "engine/base/time.h"
#include "engine/base/units.h"
#include "sim/net/bottleneck.h"
#include "sim/net/delay_map.h"
#include "sim/net/loss_model.h"

namespace swarmcast::sim {

// What a packet carries besides its message: IPv4, UDP, DTLS record, authentication tag.
inline constexpr size_t kPacketOverhead = 20 + 8 + 13 + 16;

struct HostLines {
  DataRate up;  // zero: unlimited
  DataRate down;
  Duration queue = Duration::millis(200);  // in front of each, drop-tail
  Place place;
};

struct PathModel {
  double loss = 0;       // share of packets, 0..1
  double burst = 1;      // mean length of a run of losses, in packets; <= 1: independent
  Duration jitter;       // uniform extra 0..jitter; order is kept
  double reordered = 0;  // share of packets that are held up by 0..reorder and so overtaken
  Duration reorder;
  double duplicated = 0;  // share of packets that arrive twice
};

using HostId = uint32_t;
using PathId = uint32_t;

class Network {
 public:
  // `paths` holds for every path opened from now on.
  Network(uint64_t seed, const PathModel& paths) : seed_(seed), model_(paths) {}

  HostId add_host(const HostLines& lines);
  // One direction. Its randomness depends on the seed and the two hosts, not on what happens
  // elsewhere, so that different swarms can be compared on the same links.
  PathId open_path(HostId from, HostId to);
  void close_path(PathId path) { free_.push_back(path); }

  struct Arrivals {
    Instant at[2];  // at the receiver's downlink
    int count = 0;  // 0: lost; 2: duplicated
  };
  // `bytes` of a message, to which the packet's own are added.
  Arrivals send(Instant now, PathId path, size_t bytes);
  // When a packet that arrived at the host's downlink has come through; nullopt if it was dropped.
  std::optional<Instant> receive(Instant arrived, HostId host, size_t bytes);
  // The same if nothing was before it.
  Duration time_down(HostId host, size_t bytes) const;

  Duration delay(HostId a, HostId b) const;
  // Neither sends nor receives until then.
  void cut(HostId host, Instant until) { hosts_[host].cut_until = until; }
  bool is_cut(HostId host, Instant now) const { return now < hosts_[host].cut_until; }

  // Packets from the IP header up that the host tried to send, those its queue dropped included.
  uint64_t bytes_sent(HostId host) const { return hosts_[host].bytes_sent; }
  uint64_t queue_drops() const { return queue_drops_; }
  DataRate uplink(HostId host) const { return hosts_[host].up.rate; }
  HostLines lines(HostId host) const {
    const Host& h = hosts_[host];
    return {.up = h.up.rate, .down = h.down.rate, .queue = h.up.queue, .place = h.place};
  }

 private:
  struct Host {
    Bottleneck up, down;
    Place place;
    Instant cut_until;
    uint64_t bytes_sent = 0;
  };
  struct Path {
    HostId from, to;
    Duration delay;
    LossModel loss;
    Prng prng;
    Instant last_arrival;
  };

  uint64_t seed_;
  PathModel model_;
  std::vector<Host> hosts_;
  std::vector<Path> paths_;
  std::vector<PathId> free_;
  uint64_t queue_drops_ = 0;
};

}  // namespace swarmcast::sim
