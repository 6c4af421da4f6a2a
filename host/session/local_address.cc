#include "host/session/local_address.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>

#include <cstring>

#include "host/transport/endpoint_text.h"

namespace swarmcast::session {
namespace {

enum Preference { kNone, kLoopback, kIpv6, kIpv4 };

Preference preference(const ifaddrs& i) {
  if (!i.ifa_addr || !(i.ifa_flags & IFF_UP)) return kNone;
  const int family = i.ifa_addr->sa_family;
  if (i.ifa_flags & IFF_LOOPBACK) return family == AF_INET ? kLoopback : kNone;
  if (family == AF_INET) return kIpv4;
  if (family != AF_INET6) return kNone;
  const auto* v6 = reinterpret_cast<const sockaddr_in6*>(i.ifa_addr);
  return IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr) ? kNone : kIpv6;
}

Endpoint endpoint_of(const sockaddr* address, uint16_t port) {
  Endpoint e{.port = port};
  if (address->sa_family == AF_INET6) {
    std::memcpy(e.ip.data(), &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, 16);
  } else {
    e.ip[10] = e.ip[11] = 0xff;
    std::memcpy(e.ip.data() + 12, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, 4);
  }
  return e;
}

}  // namespace

Endpoint address_for_invite(const Endpoint& bound) {
  if (!transport::is_unspecified(bound)) return bound;
  Endpoint best = bound;
  Preference best_preference = kNone;
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return best;
  for (const ifaddrs* i = list; i; i = i->ifa_next) {
    const Preference p = preference(*i);
    if (p == kIpv6 && transport::is_ipv4(bound)) continue;
    if (p <= best_preference) continue;
    best = endpoint_of(i->ifa_addr, bound.port);
    best_preference = p;
  }
  freeifaddrs(list);
  return best;
}

}  // namespace swarmcast::session
