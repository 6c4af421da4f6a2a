// The addresses of this host that a peer could be told.
#pragma once

#include <vector>

#include "engine/base/contact.h"

namespace swarmcast::transport {

// Each costs a socket a link, and candidates multiply.
inline constexpr size_t kMaxInterfaceAddresses = 4;

// Where packets can come in if `bound` is what we listen on: the address itself, or, if it is the
// unspecified one, those of all interfaces of its family (of both, for IPv6) that are up; IPv4
// first, no link-local ones, and loopback only if there is nothing else. Ports are 0.
std::vector<Endpoint> interface_addresses(const Endpoint& bound);

}  // namespace swarmcast::transport
