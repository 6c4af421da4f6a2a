#include "engine/link/feedback_collector.h"

#include <algorithm>

#include "engine/base/sequence.h"

namespace swarmcast::link {
namespace {

constexpr Duration kLossPeriod = Duration::seconds(1);

}  // namespace

FeedbackCollector::Received FeedbackCollector::on_media(uint16_t wire_sequence, Instant now) {
  const uint64_t sequence = unwrap_sequence(wire_sequence, end_);
  if (sequence >= end_) {
    for (uint64_t n = sequence - std::min(sequence - end_, kWindow - 1); n <= sequence; ++n)
      word_of(n) &= ~bit_of(n);
    end_ = sequence + 1;
    highest_at_ = now;
  }
  const bool too_old = end_ - sequence > kWindow;
  if (too_old || word_of(sequence) & bit_of(sequence)) return {LinkSequence(sequence), true};
  word_of(sequence) |= bit_of(sequence);
  if (received_++ == 0) marks_.fill({.at = now});
  if (unreported_++ == 0) unreported_since_ = now;
  move_marks(now);
  return {LinkSequence(sequence), false};
}

Instant FeedbackCollector::next_timeout() const {
  if (unreported_ == 0) return Instant::never();
  const Duration interval =
      unreported_ >= kFeedbackBatch ? kMinFeedbackInterval : kFeedbackInterval;
  return std::max(reported_at_ + interval, unreported_since_);
}

wire::Feedback FeedbackCollector::take(Instant now) {
  unreported_ = 0;
  reported_at_ = now;
  return {.highest = static_cast<uint16_t>(end_ - 1),
          .received = static_cast<uint16_t>(received_),
          .arrival_us = static_cast<uint32_t>(highest_at_.us()),
          .hold_us =
              static_cast<uint16_t>(std::clamp<int64_t>((now - highest_at_).us(), 0, UINT16_MAX))};
}

double FeedbackCollector::loss(Instant now) const {
  if (now - highest_at_ > kLossPeriod * 2) return 0;
  const uint64_t expected = end_ - marks_[1].expected;
  const uint64_t received = received_ - marks_[1].received;
  if (expected <= received) return 0;
  return static_cast<double>(expected - received) / static_cast<double>(expected);
}

void FeedbackCollector::move_marks(Instant now) {
  if (now - marks_[0].at < kLossPeriod) return;
  marks_[1] = marks_[0];
  marks_[0] = {now, end_, received_};
}

}  // namespace swarmcast::link
