#include "sim/net/sctp_window.h"

#include <algorithm>

namespace swarmcast::sim {

SctpReceiver::Verdict SctpReceiver::on_data(uint32_t tsn, uint32_t given_up_below) {
  for (; next_ < given_up_below; ++next_)
    if (!after_.empty()) after_.pop_front();
  settle();
  if (tsn < next_) return {};
  const size_t place = tsn - next_;
  if (place >= after_.size()) after_.resize(place + 1);
  if (after_[place]) return {};
  after_[place] = true;
  settle();
  ++unacknowledged_;
  return {.fresh = true, .ack_now = unacknowledged_ >= 2 || !after_.empty()};
}

void SctpReceiver::settle() {
  for (; !after_.empty() && after_.front(); after_.pop_front()) ++next_;
}

SctpAck SctpReceiver::ack() {
  unacknowledged_ = 0;
  SctpAck out{.next = next_};
  for (size_t i = 1; i < std::min(after_.size(), SctpAck::kSpan); ++i)
    if (after_[i]) out.after[(i - 1) / 64] |= uint64_t{1} << (i - 1) % 64;
  return out;
}

uint32_t SctpSender::on_sent(Instant now, size_t bytes) {
  if (under_way_.empty()) timer_ = now + rto_;
  under_way_.push_back({.tsn = next_, .bytes = bytes + kSctpOverhead, .at = now});
  flight_ += bytes + kSctpOverhead;
  return next_++;
}

void SctpSender::on_ack(Instant now, const SctpAck& ack) {
  const size_t flight_before = flight_;
  const uint32_t first = given_up_below();
  uint32_t newest = 0;
  bool any = false;
  for (Sent& sent : under_way_) {
    if (sent.done || !ack.covers(sent.tsn)) continue;
    on_acked(now, sent);
    newest = sent.tsn;
    any = true;
  }
  if (!any) return;
  bool lost = false;
  for (Sent& sent : under_way_) {
    if (sent.tsn >= newest) break;
    if (sent.done || ++sent.missing < kMissingReports) continue;
    on_lost(sent);
    lost = true;
  }
  // While the losses of one window are mended, it neither grows nor is it cut again.
  const bool recovering = first < recovery_end_;
  const size_t acked = flight_before - flight_;
  forget_done();
  if (given_up_below() > first) timer_ = now + rto_;
  if (lost && !recovering)
    cut();
  else if (!recovering)
    grow(acked, flight_before);
}

void SctpSender::on_acked(Instant now, Sent& sent) {
  sent.done = true;
  flight_ -= sent.bytes;
  measure(now - sent.at);
}

void SctpSender::on_lost(Sent& sent) {
  sent.done = true;
  flight_ -= sent.bytes;
}

// RFC 9260, 6.3.1.
void SctpSender::measure(Duration rtt) {
  if (srtt_ == Duration()) {
    srtt_ = rtt;
    variation_ = rtt / 2;
  } else {
    const Duration off = rtt > srtt_ ? rtt - srtt_ : srtt_ - rtt;
    variation_ = (variation_ * 3 + off) / 4;
    srtt_ = (srtt_ * 7 + rtt) / 8;
  }
  rto_ = std::clamp(srtt_ + variation_ * 4, kLeastRto, kMostRto);
}

void SctpSender::forget_done() {
  while (!under_way_.empty() && under_way_.front().done) under_way_.pop_front();
}

// RFC 9260, 7.2.1 and 7.2.2: a window that is not used up does not grow.
void SctpSender::grow(size_t acked, size_t flight_before) {
  if (flight_before + kMtu < window_) return;
  if (window_ <= threshold_) {
    window_ += std::min(acked, kMtu);
    return;
  }
  partly_ += acked;
  if (partly_ < window_) return;
  partly_ -= window_;
  window_ += kMtu;
}

void SctpSender::cut() {
  threshold_ = std::max(window_ / 2, kLeastWindow);
  window_ = threshold_;
  partly_ = 0;
  recovery_end_ = next_;
}

void SctpSender::on_timeout(Instant now) {
  cut();
  window_ = kMtu;
  under_way_.clear();
  flight_ = 0;
  recovery_end_ = 0;
  rto_ = std::min(rto_ * 2, kMostRto);
  timer_ = now + rto_;
}

}  // namespace swarmcast::sim
