#include "sim/net/network.h"

#include "engine/base/check.h"

namespace swarmcast::sim {
namespace {

// Odd constants: another seed for every pair.
constexpr uint64_t kFromFactor = 0x9e3779b97f4a7c15;
constexpr uint64_t kToFactor = 0xc2b2ae3d27d4eb4f;

}  // namespace

HostId Network::add_host(const HostLines& lines) {
  Host host;
  host.up.rate = lines.up;
  host.down.rate = lines.down;
  host.up.queue = host.down.queue = lines.queue;
  host.place = lines.place;
  hosts_.push_back(host);
  return static_cast<HostId>(hosts_.size() - 1);
}

PathId Network::open_path(HostId from, HostId to) {
  const uint64_t seed = seed_ ^ (from + 1) * kFromFactor ^ (to + 1) * kToFactor;
  Path path{.from = from,
            .to = to,
            .delay = delay(from, to),
            .loss = {},
            .prng = Prng(seed),
            .last_arrival = {}};
  SWARMCAST_CHECK(path.loss.set(model_.loss, model_.burst));
  if (free_.empty()) {
    paths_.push_back(path);
    return static_cast<PathId>(paths_.size() - 1);
  }
  const PathId id = free_.back();
  free_.pop_back();
  paths_[id] = path;
  return id;
}

Network::Arrivals Network::send(Instant now, PathId id, size_t bytes) {
  Path& path = paths_[id];
  Host& from = hosts_[path.from];
  if (now < from.cut_until) return {};
  from.bytes_sent += bytes + kPacketOverhead;
  const std::optional<Instant> left = from.up.admit(now, bytes + kPacketOverhead);
  if (!left) {
    ++queue_drops_;
    return {};
  }
  // Behind the uplink: what is lost has used it.
  if (path.loss.lose(path.prng)) return {};
  const auto up_to = [&path](Duration limit) {
    return Duration::micros(
        static_cast<int64_t>(path.prng.uniform() * static_cast<double>(limit.us())));
  };
  Instant arrival = std::max(*left + path.delay + up_to(model_.jitter), path.last_arrival);
  path.last_arrival = arrival;
  if (path.prng.chance(model_.reordered)) arrival = arrival + up_to(model_.reorder);
  Arrivals out{.at = {arrival, arrival}, .count = 1};
  if (path.prng.chance(model_.duplicated)) out.count = 2;
  return out;
}

std::optional<Instant> Network::receive(Instant arrived, HostId id, size_t bytes) {
  Host& host = hosts_[id];
  if (arrived < host.cut_until) return std::nullopt;
  const auto through = host.down.admit(arrived, bytes + kPacketOverhead);
  if (!through) ++queue_drops_;
  return through;
}

Duration Network::time_down(HostId id, size_t bytes) const {
  const DataRate rate = hosts_[id].down.rate;
  if (rate.bps() == 0) return Duration();
  return rate.time_to_send(static_cast<int64_t>(bytes + kPacketOverhead));
}

Duration Network::delay(HostId a, HostId b) const {
  return one_way_delay(hosts_[a].place, hosts_[b].place);
}

}  // namespace swarmcast::sim
