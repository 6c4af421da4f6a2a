#include "bench/cubic_flow.h"

#include <algorithm>
#include <cmath>

namespace swarmcast::bench {
namespace {

constexpr double kCubic = 0.4, kDecrease = 0.7;
constexpr double kReno = 3 * (1 - kDecrease) / (1 + kDecrease);
constexpr uint64_t kReordering = 3;
constexpr Duration kLeastTimeout = Duration::millis(200);
constexpr int kHyStartSamples = 8;

}  // namespace

void CubicFlow::start() {
  running_ = true;
  heard_ = network_.now();
  send();
  watch_timeout();
}

void CubicFlow::send() {
  while (running_ && static_cast<double>(outstanding_.size()) < window_) {
    const uint64_t number = next_++;
    outstanding_.push_back({number, network_.now()});
    const auto arrival = network_.carry(kPacket);
    if (!arrival) {
      ++lost_packets;
      continue;
    }
    network_.schedule(*arrival, [this] { delivered_bytes += kPacket; });
    network_.schedule(*arrival + network_.back, [this, number] { on_ack(number); });
  }
}

void CubicFlow::on_ack(uint64_t number) {
  heard_ = network_.now();
  const auto it = std::ranges::lower_bound(outstanding_, number, {}, &Packet::number);
  if (it == outstanding_.end() || it->number != number) return;  // given up before
  on_rtt(network_.now() - it->sent);
  outstanding_.erase(it);
  find_lost(number);
  if (number >= recovery_) grow();
  send();
}

void CubicFlow::find_lost(uint64_t acked) {
  while (!outstanding_.empty() && outstanding_.front().number + kReordering <= acked) {
    if (outstanding_.front().number >= recovery_) on_congestion();
    outstanding_.pop_front();
  }
}

void CubicFlow::on_rtt(Duration rtt) {
  srtt_ += (rtt - srtt_) / 8;
  least_rtt_ = std::min(least_rtt_, rtt);
  if (window_ >= threshold_) return;
  // HyStart: leave slow start when the first round trips of a round have become longer.
  if (outstanding_.empty() || outstanding_.front().number >= round_end_) {
    round_end_ = next_;
    round_samples_ = 0;
    round_least_ = Duration::infinite();
  }
  round_least_ = std::min(round_least_, rtt);
  const Duration longer = std::clamp(least_rtt_ / 8, Duration::millis(4), Duration::millis(16));
  if (++round_samples_ == kHyStartSamples && window_ >= 16 && round_least_ >= least_rtt_ + longer)
    threshold_ = window_;
}

void CubicFlow::grow() {
  if (window_ < threshold_) {
    window_ += 1;
    return;
  }
  const Instant now = network_.now();
  if (!epoch_) {
    epoch_ = now;
    if (most_ < window_) most_ = window_;
    inflection_ = std::cbrt((most_ - window_) / kCubic);
    estimate_ = window_;
  }
  const double t = (now - *epoch_ + srtt_).seconds_f() - inflection_;
  const double target = std::clamp(most_ + kCubic * t * t * t, window_, window_ * 1.5);
  estimate_ += (estimate_ < before_ ? kReno : 1) / window_;
  window_ = std::max(window_ + (target - window_) / window_, estimate_);
}

void CubicFlow::on_congestion() {
  recovery_ = next_;
  before_ = window_;
  most_ = window_ < most_ ? window_ * (1 + kDecrease) / 2 : window_;
  window_ = std::max(window_ * kDecrease, 2.0);
  threshold_ = window_;
  epoch_.reset();
}

void CubicFlow::watch_timeout() {
  if (!running_) return;
  const Duration timeout = std::max(srtt_ * 2, kLeastTimeout);
  if (!outstanding_.empty() && network_.now() - heard_ > timeout) {
    outstanding_.clear();
    recovery_ = next_;
    threshold_ = std::max(window_ * kDecrease, 2.0);
    most_ = window_;
    window_ = 1;
    epoch_.reset();
    heard_ = network_.now();
    send();
  }
  network_.schedule(network_.now() + kLeastTimeout / 2, [this] { watch_timeout(); });
}

}  // namespace swarmcast::bench
