// Endpoints and the kernel's socket addresses; a socket bound to one.
#pragma once

#include <sys/socket.h>

#include <utility>

#include "engine/base/contact.h"

namespace swarmcast::transport {

Endpoint from_sockaddr(const sockaddr* address);
// As the family of a socket wants it: IPv4 for `family` AF_INET, else IPv6 (IPv4 mapped). An IPv6
// address gets port 0 in AF_INET, which the kernel refuses: there is no way there.
socklen_t to_sockaddr(const Endpoint& endpoint, int family, sockaddr_storage& out);
// The same in the endpoint's own family.
socklen_t to_sockaddr(const Endpoint& endpoint, sockaddr_storage& out);

// As the transport binds: one IPv6 socket for both families, IPv4 where the kernel has no IPv6. A
// SOCK_STREAM one listens; both are non-blocking.
class BoundSocket {
 public:
  BoundSocket(const Endpoint& where, int type);
  ~BoundSocket();
  BoundSocket(const BoundSocket&) = delete;
  BoundSocket& operator=(const BoundSocket&) = delete;

  int error() const { return error_; }  // errno; 0 if it is bound
  int fd() const { return fd_; }
  int family() const { return family_; }
  const Endpoint& local() const { return local_; }
  // The descriptor, from now on the caller's; -1 if it is not bound.
  int release() { return std::exchange(fd_, -1); }

 private:
  bool open(const Endpoint& where, int family, int type);

  int fd_ = -1;
  int family_ = 0;
  int error_ = 0;
  Endpoint local_;
};

}  // namespace swarmcast::transport
