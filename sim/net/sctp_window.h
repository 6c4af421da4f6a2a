// How much SCTP lets a sender have under way (RFC 9260, 7, with the constants of dcsctp, which
// Chromium's data channels run on). Messages are neither ordered nor repeated (RFC 3758): what is
// lost is given up, but it cuts the window all the same. No events, no bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>

#include "engine/base/time.h"

namespace swarmcast::sim {

// A common header and that of a DATA chunk: what SCTP adds to a message.
inline constexpr size_t kSctpOverhead = 12 + 16;
// A common header, a SACK chunk and a few blocks behind gaps.
inline constexpr size_t kSctpAckSize = 12 + 16 + 3 * 4;
// An acknowledgement waits for a second packet, or so long (RFC 9260, 6.2).
inline constexpr Duration kSctpAckDelay = Duration::millis(200);

// A SACK: all below `next` has come or was given up; bit i of `after`: next + 1 + i has come.
struct SctpAck {
  static constexpr size_t kSpan = 256;
  uint32_t next = 0;
  std::array<uint64_t, kSpan / 64> after{};

  bool covers(uint32_t tsn) const {
    if (tsn < next) return true;
    const uint32_t bit = tsn - next - 1;
    return tsn > next && bit < kSpan && (after[bit / 64] >> bit % 64 & 1) != 0;
  }
};

static_assert(sizeof(SctpAck) == kSctpAckSize, "it stands for itself on the line");

class SctpReceiver {
 public:
  struct Verdict {
    bool fresh = false;    // false: it has come before, or was given up
    bool ack_now = false;  // a second packet, or behind a gap
  };
  // `given_up_below`: the sender's FORWARD-TSN, which goes with every packet.
  Verdict on_data(uint32_t tsn, uint32_t given_up_below);
  // The acknowledgement that leaves now.
  SctpAck ack();
  bool owes_ack() const { return unacknowledged_ > 0; }

 private:
  void settle();

  uint32_t next_ = 0;
  std::deque<bool> after_;  // next_ + i has come
  int unacknowledged_ = 0;
};

class SctpSender {
 public:
  bool may_send(size_t bytes) const {
    return flight_ == 0 || flight_ + bytes + kSctpOverhead <= window_;
  }
  // Its number.
  uint32_t on_sent(Instant now, size_t bytes);
  uint32_t given_up_below() const { return under_way_.empty() ? next_ : under_way_.front().tsn; }
  void on_ack(Instant now, const SctpAck& ack);
  // When all that is under way counts as lost; never(): nothing is.
  Instant timeout() const { return under_way_.empty() ? Instant::never() : timer_; }
  void on_timeout(Instant now);

  size_t window() const { return window_; }  // bytes

 private:
  struct Sent {
    uint32_t tsn;
    size_t bytes;
    Instant at;
    int missing = 0;  // acknowledgements of later ones without it
    bool done = false;
  };
  void on_acked(Instant now, Sent& sent);
  void on_lost(Sent& sent);
  void measure(Duration rtt);
  void forget_done();
  void grow(size_t acked, size_t flight_before);
  void cut();

  size_t window_ = kFirstWindow;
  size_t threshold_ = SIZE_MAX;  // of slow start
  size_t partly_ = 0;            // acknowledged since the window last grew
  size_t flight_ = 0;
  uint32_t next_ = 0;
  uint32_t recovery_end_ = 0;  // one cut for all that was lost before
  std::deque<Sent> under_way_;
  Duration srtt_, variation_;
  Duration rto_ = kFirstRto;
  Instant timer_ = Instant::never();

  static constexpr size_t kMtu = 1'191;
  static constexpr size_t kFirstWindow = 10 * kMtu;
  static constexpr size_t kLeastWindow = 4 * kMtu;  // after a loss; one packet after a timeout
  static constexpr int kMissingReports = 3;
  static constexpr Duration kFirstRto = Duration::millis(500);
  static constexpr Duration kLeastRto = Duration::millis(400);
  static constexpr Duration kMostRto = Duration::seconds(3);
};

}  // namespace swarmcast::sim
