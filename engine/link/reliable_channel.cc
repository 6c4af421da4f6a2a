#include "engine/link/reliable_channel.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/sequence.h"

namespace swarmcast::link {
namespace {

constexpr int kFastRepeatAcks = 2;

}  // namespace

bool ReliableChannel::send(ByteSpan body) {
  SWARMCAST_CHECK(!body.empty() && body.size() <= wire::kMaxControlBody);
  if (queue_.size() >= kMaxControlQueueBodies ||
      queued_bytes_ + body.size() > kMaxControlQueueBytes)
    return false;
  queue_.emplace_back(body.begin(), body.end());
  queued_bytes_ += body.size();
  ++next_;
  return true;
}

bool ReliableChannel::on_envelope(const wire::EnvelopeView& envelope, Instant now) {
  const uint64_t ack = unwrap_sequence(envelope.ack, base_);
  if (!on_ack(ack, envelope.bodies.empty(), now)) return false;
  ByteSpan bodies = envelope.bodies;
  if (bodies.empty()) return true;
  uint64_t sequence = unwrap_sequence(envelope.sequence, expected_);
  const bool in_order = sequence == expected_;
  while (!bodies.empty()) on_body(sequence++, wire::take_body(bodies));
  // At once for what was not expected, and for what closed a gap.
  acknowledge_by(in_order && expected_ == sequence ? now + kControlAckDelay : now);
  return true;
}

std::optional<ByteSpan> ReliableChannel::receive() {
  if (ready_.empty()) return std::nullopt;
  taken_ = std::move(ready_.front());
  ready_.pop_front();
  return ByteSpan(taken_);
}

size_t ReliableChannel::poll(MutableByteSpan out, Instant now) {
  const bool timed_out = now >= retransmit_at_;
  if (base_ < sent_ && (timed_out || repeat_now_)) {
    if (timed_out) {
      const Duration last = std::max(backed_off_, timeout_);
      backed_off_ = std::min(last * 3 / 2, kMaxRetransmitTimeout);
    }
    repeat_now_ = false;
    recover_to_ = sent_;
    no_fast_before_ = now + timeout_;
    return write_bodies(out, base_, now);
  }
  if (sent_ < std::min(next_, base_ + kControlWindow)) return write_bodies(out, sent_, now);
  if (now < ack_at_) return 0;
  ack_at_ = Instant::never();
  return wire::EnvelopeWriter(out, static_cast<uint16_t>(sent_), static_cast<uint16_t>(expected_))
      .size();
}

Instant ReliableChannel::next_timeout() const {
  const bool sendable = sent_ < std::min(next_, base_ + kControlWindow);
  if (sendable || (repeat_now_ && base_ < sent_)) return Instant::from_us(INT64_MIN);
  return std::min(ack_at_, retransmit_at_);
}

bool ReliableChannel::on_ack(uint64_t ack, bool pure, Instant now) {
  if (ack > sent_) return false;
  if (ack > base_) {
    for (; base_ < ack; ++base_) {
      queued_bytes_ -= queue_.front().size();
      queue_.pop_front();
    }
    duplicate_acks_ = 0;
    backed_off_ = Duration();
    // The neighbour still misses some of what was on the way when we repeated (RFC 6582).
    repeat_now_ = base_ < std::min(recover_to_, sent_);
    retransmit_at_ = base_ < sent_ ? now + timeout_ : Instant::never();
  } else if (ack == base_ && pure && base_ < sent_ && now >= no_fast_before_) {
    if (++duplicate_acks_ >= kFastRepeatAcks) {
      duplicate_acks_ = 0;
      repeat_now_ = true;
    }
  }
  return true;
}

void ReliableChannel::on_body(uint64_t sequence, ByteSpan body) {
  if (sequence < expected_ || sequence >= expected_ + kControlWindow) return;
  // A caller that does not take what is ready gets no more of it; the neighbour will repeat.
  if (ready_.size() >= kControlWindow) return;
  Body& slot = ahead_[sequence % kControlWindow];
  if (slot.empty()) slot.assign(body.begin(), body.end());
  for (;; ++expected_) {
    Body& due = ahead_[expected_ % kControlWindow];
    if (due.empty()) break;
    ready_.push_back(std::exchange(due, {}));
  }
}

// All bodies from `from` on that fit one envelope and the window.
size_t ReliableChannel::write_bodies(MutableByteSpan out, uint64_t from, Instant now) {
  wire::EnvelopeWriter writer(out.first(kMaxMessageSize), static_cast<uint16_t>(from),
                              static_cast<uint16_t>(expected_));
  const uint64_t end = std::min(next_, base_ + kControlWindow);
  uint64_t n = from;
  while (n < end && writer.add(queue_[static_cast<size_t>(n - base_)])) ++n;
  // The timer runs from the last sending of the oldest body.
  if (from == base_ || retransmit_at_.is_never())
    retransmit_at_ = now + std::max(backed_off_, timeout_);
  sent_ = std::max(sent_, n);
  ack_at_ = Instant::never();
  return writer.size();
}

}  // namespace swarmcast::link
