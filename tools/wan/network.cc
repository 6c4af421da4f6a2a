#include "tools/wan/network.h"

#include <algorithm>
#include <cstring>

namespace swarmcast::wan {
namespace {

constexpr size_t kIpv4Header = 20, kProtocol = 9, kDestination = 16;
constexpr uint8_t kUdp = 17;

}  // namespace

std::optional<size_t> Network::add_host(const std::string& name, Address address) {
  if (find_host(name) || is_taken(address) || hosts_.size() == kMaxHosts) return std::nullopt;
  const size_t index = hosts_.size();
  hosts_.push_back({.name = name, .address = address});
  // A path's draws depend on the seed and the pair alone, not on what other paths carry.
  const auto make_path = [this](size_t from, size_t to) {
    return std::make_unique<Path>(seed_ * kMaxHosts * kMaxHosts + from * kMaxHosts + to);
  };
  paths_.emplace_back();
  for (size_t to = 0; to < index; ++to) paths_[index].push_back(make_path(index, to));
  for (size_t from = 0; from <= index; ++from) paths_[from].push_back(make_path(from, index));
  return index;
}

bool Network::is_taken(Address address) const {
  return std::any_of(hosts_.begin(), hosts_.end(), [&](const Host& h) {
    return h.address == address || (h.nat && h.nat->outside() == address);
  });
}

bool Network::set_nat(size_t host, Mapping mapping, Address outside) {
  if (is_taken(outside)) return false;
  hosts_[host].nat.emplace(mapping, hosts_[host].address, outside);
  return true;
}

std::optional<size_t> Network::find_host(const std::string& name) const {
  for (size_t i = 0; i < hosts_.size(); ++i) {
    if (hosts_[i].name == name) return i;
  }
  return std::nullopt;
}

void Network::join_sites(size_t a, size_t b) {
  const size_t site = hosts_[a].site != 0 ? hosts_[a].site : ++sites_;
  hosts_[a].site = hosts_[b].site = site;
}

std::optional<Network::Route> Network::route(size_t from, ByteSpan packet) const {
  if (packet.size() < kIpv4Header || packet[0] >> 4 != 4) return std::nullopt;
  Address to = 0;
  for (size_t i = 0; i < 4; ++i) to = to << 8 | packet[kDestination + i];
  for (size_t i = 0; i < hosts_.size(); ++i) {
    const Host& host = hosts_[i];
    const bool within = host.site != 0 && host.site == hosts_[from].site;
    if (within && host.address == to) return Route{i, true};
    if ((host.nat ? host.nat->outside() : host.address) == to) return Route{i, false};
  }
  return std::nullopt;
}

std::optional<uint32_t> Network::take_slot() {
  if (!free_slots_.empty()) {
    const uint32_t slot = free_slots_.back();
    free_slots_.pop_back();
    return slot;
  }
  if (packets_.size() == kMaxPacketsUnderWay) return std::nullopt;
  packets_.push_back(std::make_unique<Packet>());
  return static_cast<uint32_t>(packets_.size() - 1);
}

void Network::offer(Instant now, size_t from, ByteSpan packet) {
  Host& sender = hosts_[from];
  const std::optional<Route> way = route(from, packet);
  if (!way || packet.size() > kMtu) {
    ++sender.unroutable;
    return;
  }
  sender.bytes_sent += packet.size();
  const std::optional<Instant> left = sender.uplink.admit(now, packet.size());
  if (!left) {
    ++sender.uplink_drops;
    ++paths_[from][way->to]->counters.queue_drops;
    return;
  }
  const std::optional<Instant> arrival =
      paths_[from][way->to]->carry(*left, packet.size(), packet[kProtocol] == kUdp);
  if (!arrival) return;
  const std::optional<uint32_t> slot = take_slot();
  if (!slot) {
    ++lateness_.overflow;
    return;
  }
  Packet& copy = *packets_[*slot];
  copy.from = from;
  copy.to = way->to;
  copy.within_site = way->within_site;
  copy.size = packet.size();
  std::memcpy(copy.data, packet.data(), packet.size());
  if (sender.nat && !way->within_site && !sender.nat->outbound({copy.data, copy.size})) {
    ++sender.untranslated;
    free_slots_.push_back(*slot);
    return;
  }
  events_.push({.at = *arrival, .order = order_++, .slot = *slot});
}

Instant Network::next_release() const {
  return events_.empty() ? Instant::never() : events_.top().at;
}

std::optional<Network::Delivery> Network::release(Instant now) {
  if (delivered_) free_slots_.push_back(*delivered_);
  delivered_.reset();
  while (!events_.empty() && events_.top().at <= now) {
    Event event = events_.top();
    events_.pop();
    Packet& packet = *packets_[event.slot];
    Host& receiver = hosts_[packet.to];
    if (receiver.downlink.rate.bps() != 0 && !event.past_downlink) {
      // Admitted at its due time, not at ours: our own lateness must not add up.
      const std::optional<Instant> at = receiver.downlink.admit(event.at, packet.size);
      if (at) {
        event.at = *at;
        event.past_downlink = true;
        events_.push(event);
      } else {
        ++receiver.downlink_drops;
        free_slots_.push_back(event.slot);
      }
      continue;
    }
    // On arrival: what the host has sent meanwhile has opened the way.
    if (receiver.nat && !packet.within_site && !receiver.nat->inbound({packet.data, packet.size})) {
      ++receiver.untranslated;
      free_slots_.push_back(event.slot);
      continue;
    }
    const Duration late = now - event.at;
    ++lateness_.releases;
    if (late > Duration::millis(1)) ++lateness_.over_1ms;
    lateness_.worst = std::max(lateness_.worst, late);
    PathCounters& counters = paths_[packet.from][packet.to]->counters;
    ++counters.packets_out;
    counters.bytes_out += packet.size;
    delivered_ = event.slot;
    return Delivery{packet.to, ByteSpan(packet.data, packet.size)};
  }
  return std::nullopt;
}

}  // namespace swarmcast::wan
