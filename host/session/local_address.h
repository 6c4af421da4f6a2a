// The address to put into an invite when we listen on all of them.
#pragma once

#include "engine/base/contact.h"

namespace swarmcast::session {

// `bound` itself if it names an address; else the first address of this host that others can reach,
// with its port: IPv4 before IPv6, loopback only if there is nothing else. Sends nothing.
Endpoint address_for_invite(const Endpoint& bound);

}  // namespace swarmcast::session
