#include "host/session/local_address.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "engine/base/limits.h"
#include "host/transport/bound_socket.h"
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
  Endpoint out = transport::from_sockaddr(address);
  out.port = port;
  return out;
}

// By name, from the kernel's table: interface, destination, gateway, flags, ...
std::set<std::string> interfaces_with_default_route() {
  std::set<std::string> out;
  std::ifstream table("/proc/net/route");
  for (std::string line; std::getline(table, line);) {
    std::istringstream words(line);
    std::string interface, destination;
    if (words >> interface >> destination && destination == "00000000") out.insert(interface);
  }
  return out;
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

std::vector<Endpoint> addresses_of_other_interfaces(const Endpoint& used) {
  std::vector<Endpoint> out;
  std::set<std::string> wanted = interfaces_with_default_route();
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return out;
  const auto is_ipv4_up = [](const ifaddrs& i) { return preference(i) == kIpv4; };
  for (const ifaddrs* i = list; i; i = i->ifa_next)
    if (is_ipv4_up(*i) && endpoint_of(i->ifa_addr, used.port) == used) wanted.erase(i->ifa_name);
  for (const ifaddrs* i = list; i && out.size() < kMaxOtherAddresses; i = i->ifa_next)
    if (is_ipv4_up(*i) && wanted.erase(i->ifa_name) > 0)
      out.push_back(endpoint_of(i->ifa_addr, used.port));
  freeifaddrs(list);
  return out;
}

}  // namespace swarmcast::session
