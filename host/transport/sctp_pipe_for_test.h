// Two associations joined by a path with delay and loss, under virtual time. The library reads the
// clock by gettimeofday(), which the program replaces: while a pipe lives, by the pipe's time.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "engine/base/random.h"
#include "host/transport/sctp_association.h"
#include "host/transport/sctp_packet.h"

namespace swarmcast::transport {

// Packets lost: at random with `share`, in bursts of `burst` on the average (Gilbert's model).
struct LossPattern {
  double share = 0;
  double burst = 1;
};

class LossProcess {
 public:
  LossProcess(const LossPattern& pattern, uint64_t seed) : pattern_(pattern), random_(seed) {}
  bool next() {
    if (pattern_.share <= 0) return false;
    const double leave = 1 / pattern_.burst;
    const double enter = leave * pattern_.share / (1 - pattern_.share);
    lossy_ = pattern_.burst <= 1 ? random_.chance(pattern_.share)
                                 : (lossy_ ? !random_.chance(leave) : random_.chance(enter));
    return lossy_;
  }

 private:
  LossPattern pattern_;
  Prng random_;
  bool lossy_ = false;
};

class SctpPipe {
 public:
  using Packet = std::vector<uint8_t>;
  static constexpr Duration kOneWay = Duration::millis(30);
  static constexpr Duration kStep = Duration::millis(1);

  // One end: the association, what it sends and what it has got.
  struct End final : DatagramSink, SctpEvents {
    void send_datagram(ByteSpan packet) override { pipe->carry(*this, packet); }
    void on_open() override { ++opened; }
    void on_message(Lane lane, ByteSpan message) override {
      messages.emplace_back(message.begin(), message.end());
      lanes.push_back(lane);
      if (when_message) when_message(message);
    }
    void on_closed() override { ++closed; }

    SctpPipe* pipe = nullptr;
    End* other = nullptr;
    std::unique_ptr<SctpAssociation> association;
    LossProcess losses{{}, 1};
    // May change the packet; false loses it.
    std::function<bool(Packet&)> on_path;
    std::function<void(ByteSpan)> when_message;
    size_t lost_data = 0;  // packets with DATA
    int opened = 0, closed = 0;
    std::vector<Packet> messages;
    std::vector<Lane> lanes;
  };

  SctpPipe();
  ~SctpPipe();

  // Both ends, each with the first packet under way.
  void connect(const SctpOptions& a_options, const SctpOptions& b_options);
  bool run_until(const std::function<bool()>& done, Duration limit = Duration::seconds(20));
  void run_for(Duration span);
  bool open() {
    return run_until([&] { return a.opened == 1 && b.opened == 1; });
  }
  Instant now() const { return now_; }

  End a, b;
  // Extra delay of the next packet, for reordering.
  std::function<Duration()> jitter;
  // A packet has come to an end without an association; if there is one then, it gets the packet.
  std::function<void(End&, ByteSpan)> when_nobody_is_there;

 private:
  struct Flight {
    Instant due;
    End* to;
    Packet packet;
  };
  void carry(End& from, ByteSpan packet);
  void step();

  Instant now_ = Instant::from_ms(1'000);
  std::deque<Flight> flights_;  // by due time
};

}  // namespace swarmcast::transport
