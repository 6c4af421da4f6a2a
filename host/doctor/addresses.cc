#include "host/doctor/addresses.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <cstdlib>
#include <limits>

#include "host/transport/bound_socket.h"
#include "host/transport/endpoint_text.h"

namespace swarmcast::doctor {
namespace {

struct Block {
  const char* address;
  int bits;
  AddressKind kind;
};

// The first that matches counts.
constexpr Block kBlocks[] = {
    {"127.0.0.0", 8, AddressKind::kLoopback},
    {"10.0.0.0", 8, AddressKind::kPrivate},
    {"172.16.0.0", 12, AddressKind::kPrivate},
    {"192.168.0.0", 16, AddressKind::kPrivate},
    {"100.64.0.0", 10, AddressKind::kCarrier},
    {"169.254.0.0", 16, AddressKind::kLinkLocal},
    {"0.0.0.0", 8, AddressKind::kOther},
    {"192.0.2.0", 24, AddressKind::kOther},  // documentation, RFC 5737
    {"198.51.100.0", 24, AddressKind::kOther},
    {"203.0.113.0", 24, AddressKind::kOther},
    {"198.18.0.0", 15, AddressKind::kOther},  // benchmarks, RFC 2544
    {"224.0.0.0", 3, AddressKind::kOther},    // multicast and reserved
    {"::1", 128, AddressKind::kLoopback},
    {"fe80::", 10, AddressKind::kLinkLocal},
    {"fc00::", 7, AddressKind::kUniqueLocal},
    {"2001:db8::", 32, AddressKind::kOther},  // documentation, RFC 3849
    {"2000::", 3, AddressKind::kPublic},      // all that is given out so far, RFC 4291
};

bool in_block(const Endpoint& address, const Block& block) {
  const auto base = transport::parse_address(block.address);
  if (!base || transport::is_ipv4(*base) != transport::is_ipv4(address)) return false;
  const int first = transport::is_ipv4(address) ? 96 : 0;
  for (int bit = first; bit < first + block.bits; ++bit) {
    const uint8_t mask = static_cast<uint8_t>(0x80 >> bit % 8);
    if ((address.ip[bit / 8] ^ base->ip[bit / 8]) & mask) return false;
  }
  return true;
}

constexpr unsigned long kRouteUp = 1;  // RTF_UP

// Destination and mask are hexadecimal words; the default route's are zero.
std::string default_ipv4(const Machine& machine) {
  std::string out;
  unsigned long best = std::numeric_limits<unsigned long>::max();
  for (const std::string& line : split_lines(machine.read("/proc/net/route").value_or(""))) {
    const auto words = split_words(line);
    if (words.size() < 8 || words[1] != "00000000" || words[7] != "00000000") continue;
    if (!(std::strtoul(words[3].c_str(), nullptr, 16) & kRouteUp)) continue;
    const unsigned long metric = std::strtoul(words[6].c_str(), nullptr, 10);
    if (metric >= best) continue;
    best = metric;
    out = words[0];
  }
  return out;
}

std::string default_ipv6(const Machine& machine) {
  constexpr const char* kAny = "00000000000000000000000000000000";
  std::string out;
  unsigned long best = std::numeric_limits<unsigned long>::max();
  for (const std::string& line : split_lines(machine.read("/proc/net/ipv6_route").value_or(""))) {
    const auto words = split_words(line);
    if (words.size() < 10 || words[0] != kAny || words[1] != "00" || words[9] == "lo") continue;
    const unsigned long metric = std::strtoul(words[5].c_str(), nullptr, 16);
    if (!(std::strtoul(words[8].c_str(), nullptr, 16) & kRouteUp) || metric >= best) continue;
    best = metric;
    out = words[9];
  }
  return out;
}

}  // namespace

AddressKind kind_of(const Endpoint& address) {
  for (const Block& block : kBlocks) {
    if (in_block(address, block)) return block.kind;
  }
  return transport::is_ipv4(address) ? AddressKind::kPublic : AddressKind::kOther;
}

const char* name(AddressKind kind) {
  switch (kind) {
    case AddressKind::kPublic:
      return "public";
    case AddressKind::kPrivate:
      return "private";
    case AddressKind::kCarrier:
      return "carrier";
    case AddressKind::kUniqueLocal:
      return "unique_local";
    case AddressKind::kLinkLocal:
      return "link_local";
    case AddressKind::kLoopback:
      return "loopback";
    case AddressKind::kOther:
      return "other";
  }
  return "other";
}

std::vector<OwnAddress> own_addresses() {
  std::vector<OwnAddress> out;
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return out;
  for (const ifaddrs* i = list; i; i = i->ifa_next) {
    if (!i->ifa_addr || !(i->ifa_flags & IFF_UP)) continue;
    const int family = i->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) continue;
    Endpoint address = transport::from_sockaddr(i->ifa_addr);
    address.port = 0;
    out.push_back({address, i->ifa_name, kind_of(address)});
  }
  freeifaddrs(list);
  return out;
}

DefaultRoutes default_routes(const Machine& machine) {
  return {.ipv4 = default_ipv4(machine), .ipv6 = default_ipv6(machine)};
}

}  // namespace swarmcast::doctor
