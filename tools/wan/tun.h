// Network namespaces with one TUN interface each. Needs root (CAP_SYS_ADMIN and CAP_NET_ADMIN).
#pragma once

#include <optional>
#include <string>

#include "tools/wan/network.h"

namespace swarmcast::wan {

inline constexpr const char* kInterfaceName = "wan0";

// A namespace lives as long as somebody holds it open: when this process ends, and those started
// inside it, nothing is left behind.
class TunHost {
 public:
  TunHost() = default;
  TunHost(TunHost&& other) noexcept;
  TunHost& operator=(TunHost&& other) noexcept;
  ~TunHost();

  // A new namespace: loopback up, interface wan0 with `address`/16 and the default route. On
  // failure a sentence in `why`.
  static std::optional<TunHost> create(Address address, std::string* why);

  int tun() const { return tun_; }  // non-blocking; one read or write = one IP packet
  int network_namespace() const { return namespace_; }
  // Packets the kernel dropped because this program did not read them in time.
  uint64_t unread_drops() const;

 private:
  int tun_ = -1;
  int namespace_ = -1;
};

}  // namespace swarmcast::wan
