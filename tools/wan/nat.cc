#include "tools/wan/nat.h"

#include <algorithm>

namespace swarmcast::wan {
namespace {

constexpr size_t kIpv4Header = 20;  // we make no options
constexpr size_t kIpChecksum = 10, kSource = 12, kDestination = 16;
constexpr uint8_t kTcp = 6, kUdp = 17;
// The first port outside. Unlike any that a host here takes by itself.
constexpr uint16_t kFirstPort = 20'001;

uint16_t get16(ByteSpan packet, size_t at) {
  return static_cast<uint16_t>(packet[at] << 8 | packet[at + 1]);
}
uint32_t get32(ByteSpan packet, size_t at) {
  return uint32_t{get16(packet, at)} << 16 | get16(packet, at + 2);
}

// Takes the place of 16 bits that checksums at `sums` cover (RFC 1624, equation 3).
void replace16(MutableByteSpan packet, size_t at, uint16_t value,
               std::initializer_list<size_t> sums) {
  for (size_t sum_at : sums) {
    const uint16_t before = get16(packet, sum_at);
    if (before == 0) continue;  // UDP without a checksum
    uint32_t sum = (~before & 0xffffu) + (~get16(packet, at) & 0xffffu) + value;
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    const auto after = static_cast<uint16_t>(~sum);
    packet[sum_at] = static_cast<uint8_t>(after >> 8);
    packet[sum_at + 1] = static_cast<uint8_t>(after);
  }
  packet[at] = static_cast<uint8_t>(value >> 8);
  packet[at + 1] = static_cast<uint8_t>(value);
}

size_t checksum_of(uint8_t protocol) { return kIpv4Header + (protocol == kTcp ? 16 : 6); }

void replace_endpoint(MutableByteSpan packet, size_t address_at, size_t port_at, Address address,
                      uint16_t port) {
  const size_t payload_sum = checksum_of(packet[9]);
  replace16(packet, address_at, static_cast<uint16_t>(address >> 16), {kIpChecksum, payload_sum});
  replace16(packet, address_at + 2, static_cast<uint16_t>(address), {kIpChecksum, payload_sum});
  replace16(packet, port_at, port, {payload_sum});
}

// UDP or TCP over IPv4 without options, not a fragment, with its whole header.
bool is_translatable(ByteSpan packet) {
  if (packet.size() < kIpv4Header || packet[0] != 0x45) return false;
  if (packet[9] != kUdp && packet[9] != kTcp) return false;
  const bool fragment = (get16(packet, 6) & 0x3fff) != 0;  // more to come, or an offset
  return !fragment && packet.size() >= checksum_of(packet[9]) + 2;
}

constexpr size_t kSourcePort = kIpv4Header, kDestinationPort = kIpv4Header + 2;

}  // namespace

Nat::Entry* Nat::entry_for(uint8_t protocol, uint16_t inside_port, const Peer& to) {
  for (Entry& entry : entries_) {
    if (entry.protocol != protocol || entry.inside_port != inside_port) continue;
    if (entry.forwarded) return &entry;
    const bool known = std::ranges::find(entry.peers, to) != entry.peers.end();
    if (known) return &entry;
    if (mapping_ == Mapping::kSymmetric) continue;
    if (entry.peers.size() == kMaxPeersPerMapping) return nullptr;
    entry.peers.push_back(to);
    return &entry;
  }
  if (entries_.size() == kMaxMappings) return nullptr;
  const auto port = static_cast<uint16_t>(kFirstPort + entries_.size());
  entries_.push_back({protocol, inside_port, port, {to}});
  return &entries_.back();
}

bool Nat::forward_tcp(uint16_t port) {
  if (entries_.size() == kMaxMappings) return false;
  entries_.push_back({kTcp, port, port, {}, true});
  return true;
}

bool Nat::outbound(MutableByteSpan packet) {
  if (!is_translatable(packet) || get32(packet, kSource) != inside_) return false;
  const Peer to{get32(packet, kDestination), get16(packet, kDestinationPort)};
  const Entry* entry = entry_for(packet[9], get16(packet, kSourcePort), to);
  if (entry == nullptr) return false;
  replace_endpoint(packet, kSource, kSourcePort, outside_, entry->outside_port);
  return true;
}

bool Nat::inbound(MutableByteSpan packet) {
  if (!is_translatable(packet) || get32(packet, kDestination) != outside_) return false;
  const Peer from{get32(packet, kSource), get16(packet, kSourcePort)};
  for (const Entry& entry : entries_) {
    if (entry.protocol != packet[9] || entry.outside_port != get16(packet, kDestinationPort) ||
        (!entry.forwarded && std::ranges::find(entry.peers, from) == entry.peers.end())) {
      continue;
    }
    replace_endpoint(packet, kDestination, kDestinationPort, inside_, entry.inside_port);
    return true;
  }
  return false;
}

}  // namespace swarmcast::wan
