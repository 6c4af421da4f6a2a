#include "host/transport/interface_addresses.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>

#include "host/transport/bound_socket.h"
#include "host/transport/endpoint_text.h"

namespace swarmcast::transport {
namespace {

struct Found {
  std::vector<Endpoint> ipv4, ipv6, loopback;
};

void take(const ifaddrs& interface, Found& found) {
  if (interface.ifa_addr == nullptr || !(interface.ifa_flags & IFF_UP)) return;
  const bool loopback = (interface.ifa_flags & IFF_LOOPBACK) != 0;
  if (interface.ifa_addr->sa_family == AF_INET) {
    (loopback ? found.loopback : found.ipv4).push_back(from_sockaddr(interface.ifa_addr));
  } else if (interface.ifa_addr->sa_family == AF_INET6 && !loopback) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(interface.ifa_addr);
    if (IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr)) return;
    found.ipv6.push_back(from_sockaddr(interface.ifa_addr));
  }
}

}  // namespace

std::vector<Endpoint> interface_addresses(const Endpoint& bound) {
  if (!is_unspecified(bound)) return {Endpoint{bound.ip, 0}};
  Found found;
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return {};
  for (const ifaddrs* i = list; i != nullptr; i = i->ifa_next) take(*i, found);
  freeifaddrs(list);
  std::vector<Endpoint> out = std::move(found.ipv4);
  if (!is_ipv4(bound)) out.insert(out.end(), found.ipv6.begin(), found.ipv6.end());
  if (out.empty()) out = std::move(found.loopback);
  if (out.size() > kMaxInterfaceAddresses) out.resize(kMaxInterfaceAddresses);
  return out;
}

}  // namespace swarmcast::transport
