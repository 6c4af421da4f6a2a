// A TCP flow with unlimited data through a modelled bottleneck: CUBIC (RFC 9438) with HyStart
// (Ha and Rhee 2011), selective acknowledgements, an acknowledgement a packet.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>

#include "engine/base/time.h"

namespace swarmcast::bench {

class CubicFlow {
 public:
  struct Network {
    std::function<Instant()> now;
    std::function<void(Instant, std::function<void()>)> schedule;
    // When a packet of this size, sent now, arrives; none if it is lost.
    std::function<std::optional<Instant>(size_t bytes)> carry;
    Duration back;  // until the acknowledgement is here
  };
  static constexpr size_t kPacket = 1'500;

  explicit CubicFlow(Network network) : network_(std::move(network)) {}
  void start();
  void stop() { running_ = false; }
  uint64_t delivered_bytes = 0;
  uint64_t lost_packets = 0;
  double window() const { return window_; }  // packets

 private:
  struct Packet {
    uint64_t number;
    Instant sent;
  };
  void send();
  void on_ack(uint64_t number);
  void find_lost(uint64_t acked);
  void on_rtt(Duration rtt);
  void grow();
  void on_congestion();
  void watch_timeout();

  Network network_;
  bool running_ = false;
  std::deque<Packet> outstanding_;
  uint64_t next_ = 0;
  uint64_t recovery_ = 0;  // losses of packets below have been answered
  double window_ = 10, threshold_ = 1e9;
  double most_ = 0, estimate_ = 0, inflection_ = 0, before_ = 0;
  std::optional<Instant> epoch_;
  Duration srtt_ = Duration::millis(200), least_rtt_ = Duration::infinite();
  Instant heard_;
  uint64_t round_end_ = 0;
  int round_samples_ = 0;
  Duration round_least_;
};

}  // namespace swarmcast::bench
