// The addresses of this host that others are told when we listen on all of them.
#pragma once

#include <vector>

#include "engine/base/contact.h"

namespace swarmcast::session {

// `bound` itself if it names an address; else the first address of this host that others can reach,
// with its port: IPv4 before IPv6, loopback only if there is nothing else. Sends nothing.
Endpoint address_for_invite(const Endpoint& bound);

// Where a listener on all addresses, known to others by `used`, is reached over this host's further
// interfaces: those with an IPv4 default route of their own (Wi-Fi and a mobile network, say). One
// address each, kMaxOtherAddresses at most.
std::vector<Endpoint> addresses_of_other_interfaces(const Endpoint& used);

}  // namespace swarmcast::session
