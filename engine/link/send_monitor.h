// The sender's half of a link's measurement: what its feedback says of loss, delay and delivery.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/base/units.h"
#include "engine/base/windowed.h"
#include "engine/wire/feedback.h"

namespace swarmcast::link {

// Sending media this long without feedback stops it (RFC 8083 in spirit).
inline constexpr Duration kFeedbackTimeout = Duration::millis(500);

// A report that was waited for so long ends an outage, of which it says how many messages it took.
// No queue takes all there is for so long, so they are not counted as lost to one.
inline constexpr Duration kOutage = Duration::millis(250);
static_assert(kOutage < kFeedbackTimeout);

// What one FEEDBACK adds to the picture.
struct SendReport {
  uint64_t expected = 0;        // messages it accounts for; 0 behind an outage
  int64_t lost = 0;             // of these; negative when messages come late after all
  Instant sent_at;              // when the newest of these left
  Duration queue_delay;         // one-way delay above its least of the last 10 s
  DataRate delivered;           // over about the last half second
  DataRate delivered_recently;  // since the queue stands: the capacity; without one as `delivered`
  std::optional<Duration> rtt;  // if the neighbour did not hold it too long
};

// One for a link. Also gives media messages their numbers.
class SendMonitor {
 public:
  // Call for every media message; gives the number for its hop header.
  LinkSequence on_sent(uint16_t size, Instant now);
  // None if it says nothing new, or claims what was never sent.
  std::optional<SendReport> on_feedback(const wire::Feedback& feedback, Instant now);

  // Media has been going out for kFeedbackTimeout without an answer: stop it.
  bool is_stalled(Instant now) const;
  // When it will be if no feedback comes; never() if nothing is under way.
  Instant stall_time() const;
  // The neighbour was heard in another way after a stall (a PONG, say): try again. What was lost
  // until then says nothing of the path as it is now.
  void on_heard_again() {
    waiting_since_ = Instant::never();
    forgiven_ = next_;
  }

  // Share of our messages lost on the way, of about the last two seconds.
  double loss() const;
  Duration queue_delay() const { return queue_delay_; }
  DataRate delivered() const { return delivered_; }
  // Number of the first message that no feedback has accounted for.
  LinkSequence first_unreported() const { return LinkSequence(reported_); }
  // Messages that may be under way before the ring of what was sent grows.
  size_t history() const { return sent_.size(); }
  // For TICK: low bits of the last number given; 65,535 before the first.
  uint16_t last_sequence() const { return static_cast<uint16_t>(next_ - 1); }

 private:
  struct Sent {
    uint32_t at_us = 0;
    uint16_t size = 0;
  };
  struct Tally {
    Instant at;
    uint64_t expected = 0;
    int64_t lost = 0;
  };
  struct Delivery {
    uint32_t arrival_us = 0;
    int64_t bytes = 0;  // since the link began
    Duration queue_delay;
  };

  static constexpr uint64_t kHistory = 2'048;
  static constexpr size_t kFirstHistory = 64;
  static constexpr size_t kDeliveries = 32;

  Sent& sent(uint64_t number) { return sent_[number & (sent_.size() - 1)]; }
  void make_room();
  void measure_delay(const wire::Feedback& feedback, const Sent& newest, Instant now);
  void measure_delivery(uint32_t arrival_us, double arrived_share, uint64_t from, uint64_t to);

  // By number, modulo its size: a power of two, as large as what was ever under way at once, but
  // never more than kHistory.
  std::vector<Sent> sent_;
  uint64_t next_ = 0;      // number of the next message
  uint64_t reported_ = 0;  // numbers below are accounted for
  uint16_t received_ = 0;  // the neighbour's count, as last told
  uint64_t forgiven_ = 0;  // losses of numbers below do not count
  bool any_feedback_ = false;
  Instant waiting_since_ = Instant::never();

  uint32_t delay_origin_ = 0;  // the first one-way delay: only differences mean anything
  WindowedMin<Instant, Duration> least_delay_;
  Duration queue_delay_;

  int64_t delivered_bytes_ = 0;
  std::vector<Delivery> deliveries_;  // the last kDeliveries, as a ring, once there is one
  size_t delivery_count_ = 0;
  DataRate delivered_;
  DataRate delivered_recently_;

  Tally total_, marks_[2];
};

}  // namespace swarmcast::link
