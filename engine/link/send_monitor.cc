#include "engine/link/send_monitor.h"

#include <algorithm>

#include "engine/base/sequence.h"

namespace swarmcast::link {
namespace {

constexpr Duration kLossPeriod = Duration::seconds(1);
constexpr int64_t kDeliverySpanUs = 500'000;
constexpr int64_t kLeastSpanUs = 100'000;
constexpr int64_t kRecentSpanUs = 250'000;
// With this much before it the bottleneck does not pause while we do between two pictures.
constexpr Duration kStanding = Duration::millis(20);
// Nothing arrived for this long: an outage, or nothing was sent. Neither is a delivery rate.
constexpr int64_t kOutageUs = 200'000;

}  // namespace

LinkSequence SendMonitor::on_sent(uint16_t size, Instant now) {
  make_room();
  sent(next_) = {static_cast<uint32_t>(now.us()), size};
  if (waiting_since_.is_never()) waiting_since_ = now;
  return LinkSequence(next_++);
}

// A message that is not accounted for keeps its place, as long as there may be a larger ring.
void SendMonitor::make_room() {
  if (next_ - reported_ < sent_.size() || sent_.size() == kHistory) return;
  std::vector<Sent> larger(std::max(sent_.size() * 2, kFirstHistory));
  for (uint64_t n = reported_; n < next_; ++n) larger[n & (larger.size() - 1)] = sent(n);
  sent_ = std::move(larger);
}

std::optional<SendReport> SendMonitor::on_feedback(const wire::Feedback& feedback, Instant now) {
  const uint64_t highest = unwrap_sequence(feedback.highest, reported_);
  if (highest >= next_ || highest < reported_ || next_ - highest > kHistory) return std::nullopt;
  SendReport report;
  report.expected = highest + 1 - reported_;
  // Late ones of before may make it more than expected; no count can exceed what was sent.
  const auto arrived = static_cast<int64_t>(
      std::min<uint64_t>(static_cast<uint16_t>(feedback.received - received_), next_));
  report.lost = static_cast<int64_t>(report.expected) - arrived;
  const double share =
      std::clamp(static_cast<double>(arrived) / static_cast<double>(report.expected), 0.0, 1.0);

  const bool counts = reported_ >= forgiven_;
  const bool outage = !waiting_since_.is_never() && now - waiting_since_ > kOutage;
  const Sent newest = sent(highest);
  measure_delay(feedback, newest, now);
  measure_delivery(feedback.arrival_us, share, reported_, highest + 1);
  reported_ = highest + 1;
  received_ = feedback.received;
  any_feedback_ = true;
  waiting_since_ = reported_ == next_ ? Instant::never() : now;

  if (counts) {
    total_.expected += report.expected;
    total_.lost += report.lost;
  }
  if (!counts || outage) {
    report.expected = 0;
    report.lost = 0;
  }
  if (now - marks_[0].at >= kLossPeriod) {
    marks_[1] = marks_[0];
    marks_[0] = {now, total_.expected, total_.lost};
  }
  const auto elapsed = static_cast<uint32_t>(now.us()) - newest.at_us;
  report.sent_at = now - Duration::micros(elapsed);
  report.queue_delay = queue_delay_;
  report.delivered = delivered_;
  report.delivered_recently = delivered_recently_;
  if (feedback.hold_us < UINT16_MAX)
    report.rtt = Duration::micros(int64_t{elapsed} - feedback.hold_us);
  return report;
}

bool SendMonitor::is_stalled(Instant now) const { return now > stall_time(); }

Instant SendMonitor::stall_time() const {
  return waiting_since_.is_never() ? waiting_since_ : waiting_since_ + kFeedbackTimeout;
}

double SendMonitor::loss() const {
  const auto expected = static_cast<double>(total_.expected - marks_[1].expected);
  const auto lost = static_cast<double>(total_.lost - marks_[1].lost);
  return expected <= 0 ? 0 : std::clamp(lost / expected, 0.0, 1.0);
}

// The clocks' difference is unknown but constant (their drift over 10 s is below a millisecond).
void SendMonitor::measure_delay(const wire::Feedback& feedback, const Sent& newest, Instant now) {
  const uint32_t delay = feedback.arrival_us - newest.at_us;
  if (!any_feedback_) delay_origin_ = delay;
  const auto relative = Duration::micros(static_cast<int32_t>(delay - delay_origin_));
  least_delay_.add(now, relative);
  queue_delay_ = relative - *least_delay_.best();
}

// Arrival times, not ours: what the path let through, however the reports were delayed.
void SendMonitor::measure_delivery(uint32_t arrival_us, double share, uint64_t from, uint64_t to) {
  int64_t bytes = 0;
  for (uint64_t n = std::max(from, to - std::min(to, kHistory)); n < to; ++n) bytes += sent(n).size;
  delivered_bytes_ += static_cast<int64_t>(static_cast<double>(bytes) * share);
  if (delivery_count_ > 0) {
    const Delivery& last = deliveries_[(delivery_count_ - 1) % kDeliveries];
    if (static_cast<int32_t>(arrival_us - last.arrival_us) > kOutageUs) delivery_count_ = 0;
  }
  deliveries_.resize(kDeliveries);
  deliveries_[delivery_count_++ % kDeliveries] = {arrival_us, delivered_bytes_, queue_delay_};
  const size_t kept = std::min(delivery_count_, kDeliveries);
  bool standing = queue_delay_ >= kStanding;
  DataRate since_standing;
  for (size_t back = 1; back < kept; ++back) {
    const Delivery& old = deliveries_[(delivery_count_ - 1 - back) % kDeliveries];
    const auto span = static_cast<int32_t>(arrival_us - old.arrival_us);
    const DataRate rate =
        DataRate::of(delivered_bytes_ - old.bytes, Duration::micros(std::max(span, 1)));
    standing = standing && old.queue_delay >= kStanding && span <= kRecentSpanUs;
    if (standing) since_standing = rate;
    if (span >= kLeastSpanUs) delivered_ = rate;
    if (span >= kDeliverySpanUs) break;
  }
  delivered_recently_ = since_standing > DataRate() ? since_standing : delivered_;
}

}  // namespace swarmcast::link
