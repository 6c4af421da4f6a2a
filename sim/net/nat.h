// What stands between a host and the network, and who can reach whom in spite of it.
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/base/random.h"

namespace swarmcast::sim {

// RFC 3489, 5, in the order of how much they let through. In the words of RFC 4787 all but the last
// map independently of the endpoint, and filter by nothing, by address, by address and port.
enum class NatKind : uint8_t { kNone, kFullCone, kRestricted, kPortRestricted, kSymmetric };

// Whether a packet to the address that others know reaches the host though it has never sent them
// any: whether it can be dialled.
constexpr bool can_be_dialled(NatKind kind) { return kind <= NatKind::kFullCone; }

// Whether two hosts that know each other's candidates find a path by ICE (RFC 8445) without a
// relay. A symmetric NAT's port towards the other is not known before a packet has come from it,
// and a filter by port lets none in before.
constexpr bool can_meet(NatKind a, NatKind b) {
  const auto [less, more] = std::minmax(a, b);
  return more != NatKind::kSymmetric || less < NatKind::kPortRestricted;
}

// Which kind somebody has who is behind one: 15 % full cone, 15 % restricted, 50 % restricted by
// port, 20 % symmetric. A quarter of the pairs cannot meet.
inline NatKind draw_nat(Prng& prng) {
  const double at = prng.uniform();
  if (at < 0.15) return NatKind::kFullCone;
  if (at < 0.30) return NatKind::kRestricted;
  return at < 0.80 ? NatKind::kPortRestricted : NatKind::kSymmetric;
}

}  // namespace swarmcast::sim
