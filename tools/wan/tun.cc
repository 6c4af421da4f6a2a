#include "tools/wan/tun.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/route.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

namespace swarmcast::wan {
namespace {

constexpr int kTransmitQueue = 4'000;  // packets; the kernel's 500 overflow in a scheduling gap
constexpr Address kNetmask = 0xffff0000;

sockaddr socket_address(Address address) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_addr.s_addr = htonl(address);
  sockaddr out{};
  std::memcpy(&out, &in, sizeof out);
  return out;
}

ifreq request_for(const char* interface) {
  ifreq request{};
  std::strncpy(request.ifr_name, interface, IFNAMSIZ - 1);
  return request;
}

bool bring_up(int control, const char* interface) {
  ifreq request = request_for(interface);
  if (ioctl(control, SIOCGIFFLAGS, &request) != 0) return false;
  request.ifr_flags |= IFF_UP | IFF_RUNNING;
  return ioctl(control, SIOCSIFFLAGS, &request) == 0;
}

// All in the calling thread's namespace.
bool configure(int control, Address address) {
  // Router solicitations of IPv6 would stand in the byte counts.
  std::ofstream(std::string("/proc/sys/net/ipv6/conf/") + kInterfaceName + "/disable_ipv6") << 1;
  ifreq request = request_for(kInterfaceName);
  request.ifr_addr = socket_address(address);
  if (ioctl(control, SIOCSIFADDR, &request) != 0) return false;
  request.ifr_netmask = socket_address(kNetmask);
  if (ioctl(control, SIOCSIFNETMASK, &request) != 0) return false;
  request = request_for(kInterfaceName);
  request.ifr_mtu = kMtu;
  if (ioctl(control, SIOCSIFMTU, &request) != 0) return false;
  request.ifr_qlen = kTransmitQueue;
  if (ioctl(control, SIOCSIFTXQLEN, &request) != 0) return false;
  if (!bring_up(control, "lo") || !bring_up(control, kInterfaceName)) return false;
  char interface[IFNAMSIZ];
  std::strncpy(interface, kInterfaceName, sizeof interface);
  rtentry route{};
  route.rt_dst = socket_address(0);
  route.rt_genmask = socket_address(0);
  route.rt_flags = RTF_UP;
  route.rt_dev = interface;
  return ioctl(control, SIOCADDRT, &route) == 0;
}

int open_tun() {
  const int tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (tun < 0) return -1;
  ifreq request = request_for(kInterfaceName);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (ioctl(tun, TUNSETIFF, &request) == 0) return tun;
  close(tun);
  return -1;
}

}  // namespace

TunHost::TunHost(TunHost&& other) noexcept
    : tun_(std::exchange(other.tun_, -1)), namespace_(std::exchange(other.namespace_, -1)) {}

TunHost& TunHost::operator=(TunHost&& other) noexcept {
  std::swap(tun_, other.tun_);
  std::swap(namespace_, other.namespace_);
  return *this;
}

TunHost::~TunHost() {
  if (tun_ >= 0) close(tun_);
  if (namespace_ >= 0) close(namespace_);
}

std::optional<TunHost> TunHost::create(Address address, std::string* why) {
  const int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  if (home < 0 || unshare(CLONE_NEWNET) != 0) {
    *why = std::string("cannot make a network namespace (run as root?): ") + std::strerror(errno);
    if (home >= 0) close(home);
    return std::nullopt;
  }
  TunHost host;
  host.namespace_ = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  host.tun_ = open_tun();
  const int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const bool ok =
      host.namespace_ >= 0 && host.tun_ >= 0 && control >= 0 && configure(control, address);
  if (!ok) *why = std::string("cannot set up a TUN interface: ") + std::strerror(errno);
  if (control >= 0) close(control);
  const bool back = setns(home, CLONE_NEWNET) == 0;
  if (!back) *why = std::string("cannot return to the first namespace: ") + std::strerror(errno);
  close(home);
  if (!ok || !back) return std::nullopt;
  return host;
}

uint64_t TunHost::unread_drops() const {
  const int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  uint64_t drops = 0;
  if (setns(namespace_, CLONE_NEWNET) == 0) {
    std::ifstream table("/proc/thread-self/net/dev");
    for (std::string line; std::getline(table, line);) {
      std::istringstream fields(line);
      std::string name;
      if (!(fields >> name) || name != std::string(kInterfaceName) + ":") continue;
      // Eight counters of what was received, then bytes, packets, errors and drops of what was
      // sent.
      uint64_t value = 0;
      for (int column = 0; column < 12; ++column) fields >> value;
      drops = value;
    }
    if (setns(home, CLONE_NEWNET) != 0) drops = UINT64_MAX;
  }
  close(home);
  return drops;
}

}  // namespace swarmcast::wan
