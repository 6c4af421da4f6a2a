#include "tools/wan/path.h"

namespace swarmcast::wan {

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
