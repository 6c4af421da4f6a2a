// Which ways lead to this node, judged from its addresses, routes and what STUN servers saw.
// Nothing here asks anybody.
#pragma once

#include <optional>
#include <vector>

#include "host/doctor/addresses.h"
#include "host/doctor/finding.h"
#include "host/doctor/nat_probe.h"

namespace swarmcast::doctor {

enum class Nat {
  kNone,     // our own address is public
  kLikely,   // a private one on the way out: a router translates
  kCarrier,  // the provider translates as well
  kUnknown,
};
const char* name(Nat nat);
const char* name(Mapping mapping);

enum class Chance { kLikely, kPossible, kUnlikely, kUnknown };
const char* name(Chance chance);

struct Reachability {
  Endpoint listen;
  std::vector<OwnAddress> addresses;
  DefaultRoutes routes;
  Nat nat = Nat::kUnknown;
  NatMeasurement measured;
  // How others may come to us:
  Chance direct_dial = Chance::kUnknown;    // from anywhere, by our invite alone
  Chance same_network = Chance::kUnknown;   // from our own network
  Chance hole_punching = Chance::kUnknown;  // with somebody who passes messages on: a gateway
  Chance relay = Chance::kUnknown;          // through another node or a TURN server
};

// `measured` is as of measure_nat(), or default where nobody was asked.
Reachability judge_reachability(const Endpoint& listen, std::vector<OwnAddress> addresses,
                                DefaultRoutes routes, NatMeasurement measured);

// network, nat, direct-dial, other-ways. `port` is what a router would have to forward.
std::vector<Finding> examine_reachability(const Reachability& reachability, uint16_t port);

// A warning if Debian's simple firewall (ufw) is on; the kernel's own rules only root may read.
std::optional<Finding> examine_firewall(const Machine& machine, uint16_t port);

}  // namespace swarmcast::doctor
