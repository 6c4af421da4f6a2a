// Control messages that arrive exactly once and in order over a lane that may lose, repeat and
// reorder (spec/control-envelope.md).
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/time.h"
#include "engine/link/rtt_estimator.h"
#include "engine/wire/envelope.h"

namespace swarmcast::link {

inline constexpr uint64_t kControlWindow = 32;               // bodies in flight
inline constexpr size_t kMaxControlQueueBytes = 16 * 1'024;  // in flight and waiting
inline constexpr size_t kMaxControlQueueBodies = 256;
inline constexpr Duration kControlAckDelay = Duration::millis(10);

// One side of a link. Drive it so:
//
//   channel.on_envelope(view, now);  while (auto body = channel.receive()) ...
//   channel.send(body);
//   while (size_t n = channel.poll(buffer, now)) transmit(buffer.first(n));
//   poll again at next_timeout().
class ReliableChannel {
 public:
  // Queues a body of 1..kMaxControlBody bytes. False if the queue is full: the neighbour is gone
  // or far too slow, so close the link.
  [[nodiscard]] bool send(ByteSpan body);

  // False if the neighbour acknowledges what was never sent; the envelope is dropped.
  bool on_envelope(const wire::EnvelopeView& envelope, Instant now);
  // The next body in order; borrowed until the next call of on_envelope() or receive().
  std::optional<ByteSpan> receive();

  // Writes the next envelope to `out` (>= kMaxMessageSize); 0 if there is nothing to send now.
  size_t poll(MutableByteSpan out, Instant now);
  // When poll() has something without further input; an Instant in the past means now.
  Instant next_timeout() const;

  // From RttEstimator::retransmit_timeout().
  void set_retransmit_timeout(Duration timeout) { timeout_ = timeout; }
  bool is_idle() const { return base_ == next_; }  // everything sent is acknowledged
  size_t queued_bytes() const { return queued_bytes_; }

 private:
  using Body = std::vector<uint8_t>;

  bool on_ack(uint64_t ack, bool pure, Instant now);
  void on_body(uint64_t sequence, ByteSpan body);
  size_t write_bodies(MutableByteSpan out, uint64_t from, Instant now);
  void acknowledge_by(Instant when) { ack_at_ = std::min(ack_at_, when); }

  // Sending: bodies [base_, next_) are kept, [base_, sent_) have been sent at least once.
  std::deque<Body> queue_;
  size_t queued_bytes_ = 0;
  uint64_t base_ = 0;
  uint64_t sent_ = 0;
  uint64_t next_ = 0;
  Duration timeout_ = kInitialRetransmitTimeout;
  Duration backed_off_;  // current timeout; zero = timeout_
  Instant retransmit_at_ = Instant::never();
  Instant no_fast_before_ = Instant::from_us(INT64_MIN);
  uint64_t recover_to_ = 0;  // while base_ < this, a partial ack repeats the next at once
  int duplicate_acks_ = 0;
  bool repeat_now_ = false;

  // Receiving.
  uint64_t expected_ = 0;
  std::array<Body, kControlWindow> ahead_;  // by number modulo the window; empty = not here
  std::deque<Body> ready_;
  Body taken_;
  Instant ack_at_ = Instant::never();
};

}  // namespace swarmcast::link
