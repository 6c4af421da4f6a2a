// This machine's own addresses and its ways out, without asking anybody.
#pragma once

#include <string>
#include <vector>

#include "engine/base/contact.h"
#include "host/doctor/machine.h"

namespace swarmcast::doctor {

enum class AddressKind {
  kPublic,
  kPrivate,      // RFC 1918: behind a router, or a network of its own
  kCarrier,      // RFC 6598, 100.64.0.0/10: behind the provider's NAT, or an overlay network
  kUniqueLocal,  // RFC 4193: IPv6's private addresses
  kLinkLocal,    // RFC 3927, RFC 4291: this wire only
  kLoopback,
  kOther,  // multicast, documentation, unspecified
};
AddressKind kind_of(const Endpoint& address);
const char* name(AddressKind kind);  // as in --json

struct OwnAddress {
  Endpoint address;  // port 0
  std::string interface;
  AddressKind kind = AddressKind::kOther;
};
// Of all interfaces that are up; none if the system does not say.
std::vector<OwnAddress> own_addresses();

// The interface of the default route with the lowest metric; empty if there is none.
struct DefaultRoutes {
  std::string ipv4;
  std::string ipv6;
};
DefaultRoutes default_routes(const Machine& machine);

}  // namespace swarmcast::doctor
