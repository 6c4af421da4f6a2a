// Addresses and keys of simulated hosts: functions of the node's number.
#pragma once

#include <cstdint>

#include "engine/base/bytes.h"
#include "engine/base/contact.h"

namespace swarmcast::sim {

enum class NumberedKind : uint8_t { kListener = 1, kDialler, kSeed, kPrepared };

inline Bytes<32> numbered(uint64_t n, NumberedKind kind) {
  Bytes<32> out{};
  for (size_t i = 0; i < 8; ++i) out[i] = static_cast<uint8_t>(n >> 8 * i);
  out[31] = static_cast<uint8_t>(kind);
  return out;
}

inline constexpr uint16_t kListenerPort = 9'000;
inline constexpr size_t kIpv4At = 12;  // where the four bytes are in a mapped address
inline constexpr uint8_t kFirstOctet = 20;

// As others see it: 20.x.y.1 and up. Every home is a network (a /24) of its own.
inline Endpoint endpoint_of(uint32_t node, uint16_t port = kListenerPort) {
  Endpoint out{.port = port};
  out.ip[10] = out.ip[11] = 0xff;
  out.ip[kIpv4At] = static_cast<uint8_t>(kFirstOctet + (node >> 16));
  out.ip[kIpv4At + 1] = static_cast<uint8_t>(node >> 8);
  out.ip[kIpv4At + 2] = static_cast<uint8_t>(node);
  out.ip[kIpv4At + 3] = 1;
  return out;
}

// The node that has this address, if any does.
inline uint32_t node_of(const Endpoint& e) {
  const auto high = static_cast<uint32_t>(e.ip[kIpv4At] - kFirstOctet) & 0xff;
  return high << 16 | uint32_t{e.ip[kIpv4At + 1]} << 8 | e.ip[kIpv4At + 2];
}

}  // namespace swarmcast::sim
