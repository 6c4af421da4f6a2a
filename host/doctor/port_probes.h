// Whether the node could listen where it is told to. Binds for a moment; sends nothing.
#pragma once

#include "engine/base/contact.h"
#include "host/doctor/finding.h"

namespace swarmcast::doctor {

struct PortFindings {
  Finding udp;        // links
  Finding tcp;        // the gateway, on the same number
  uint16_t port = 0;  // the one tried: the wanted, or the free one that was picked for port 0
};
PortFindings examine_ports(const Endpoint& listen);

}  // namespace swarmcast::doctor
