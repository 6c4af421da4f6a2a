#include "tools/wan/path.h"

#include <algorithm>

namespace swarmcast::wan {

std::optional<Instant> Bottleneck::admit(Instant now, size_t bytes) {
  if (rate.bps() == 0) return now;
  const Instant start = std::max(now, free_at_);
  if (start - now > queue) return std::nullopt;
  free_at_ = start + rate.time_to_send(static_cast<int64_t>(bytes));
  return free_at_;
}

bool LossModel::set(double mean, double burst) {
  if (!(mean >= 0 && mean <= 1) || !(burst >= 0 && burst <= 1e6)) return false;
  if (burst > 1 && mean < 1 && mean / (1 - mean) > burst) return false;
  mean_ = mean;
  burst_ = burst;
  bad_ = false;
  return true;
}

bool LossModel::lose(Prng& prng) {
  if (burst_ <= 1 || mean_ >= 1) return prng.chance(mean_);
  // Stationary share of the bad state: p = in / (in + out) with out = 1 / burst.
  const double leave_bad = 1 / burst_;
  const double enter_bad = mean_ / (1 - mean_) * leave_bad;
  bad_ = bad_ ? !prng.chance(leave_bad) : prng.chance(enter_bad);
  return bad_;
}

std::optional<Instant> Path::carry(Instant now, size_t bytes, bool is_udp) {
  ++counters.packets_in;
  counters.bytes_in += bytes;
  const std::optional<Instant> arrival = pass(now, bytes, is_udp);
  if (bytes >= kLargePacket) {
    ++counters.large_in;
    if (!arrival) ++counters.large_lost;
  }
  return arrival;
}

std::optional<Instant> Path::pass(Instant now, size_t bytes, bool is_udp) {
  if (now < cut_until || (is_udp && !udp)) {
    ++counters.cut_drops;
    return std::nullopt;
  }
  const std::optional<Instant> sent = bottleneck.admit(now, bytes);
  if (!sent) {
    ++counters.queue_drops;
    return std::nullopt;
  }
  // Behind the bottleneck: what is lost has used the line.
  const bool lost = loss.lose(prng_);
  if (lost && !losing_) ++counters.loss_runs;
  losing_ = lost;
  if (lost) {
    ++counters.lost;
    return std::nullopt;
  }
  const auto up_to = [this](Duration limit) {
    return Duration::micros(
        static_cast<int64_t>(prng_.uniform() * static_cast<double>(limit.us())));
  };
  Instant arrival = *sent + delay + up_to(jitter);
  if (arrival < last_arrival_) arrival = last_arrival_;
  last_arrival_ = arrival;
  return arrival + up_to(reorder);
}

}  // namespace swarmcast::wan
