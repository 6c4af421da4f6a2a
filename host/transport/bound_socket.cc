#include "host/transport/bound_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "host/transport/endpoint_text.h"

namespace swarmcast::transport {
namespace {

constexpr int kBacklog = 64;

}  // namespace

Endpoint from_sockaddr(const sockaddr* address) {
  Endpoint out;
  if (address->sa_family == AF_INET6) {
    sockaddr_in6 in;
    memcpy(&in, address, sizeof in);
    memcpy(out.ip.data(), &in.sin6_addr, 16);
    out.port = ntohs(in.sin6_port);
  } else {
    sockaddr_in in;
    memcpy(&in, address, sizeof in);
    out.ip[10] = out.ip[11] = 0xff;
    memcpy(out.ip.data() + 12, &in.sin_addr, 4);
    out.port = ntohs(in.sin_port);
  }
  return out;
}

socklen_t to_sockaddr(const Endpoint& endpoint, int family, sockaddr_storage& out) {
  if (family == AF_INET) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    if (is_ipv4(endpoint) || is_unspecified(endpoint)) {
      address.sin_port = htons(endpoint.port);
      memcpy(&address.sin_addr, endpoint.ip.data() + 12, 4);
    }
    memcpy(&out, &address, sizeof address);
    return sizeof address;
  }
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(endpoint.port);
  memcpy(&address.sin6_addr, endpoint.ip.data(), 16);
  memcpy(&out, &address, sizeof address);
  return sizeof address;
}

socklen_t to_sockaddr(const Endpoint& endpoint, sockaddr_storage& out) {
  return to_sockaddr(endpoint, is_ipv4(endpoint) ? AF_INET : AF_INET6, out);
}

BoundSocket::BoundSocket(const Endpoint& where, int type) {
  if (open(where, AF_INET6, type) || error_ != EAFNOSUPPORT) return;
  if (is_ipv4(where) || is_unspecified(where)) open(where, AF_INET, type);
}

BoundSocket::~BoundSocket() {
  if (fd_ >= 0) ::close(fd_);
}

bool BoundSocket::open(const Endpoint& where, int family, int type) {
  error_ = 0;
  const int fd = ::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    error_ = errno;
    return false;
  }
  const int off = 0, on = 1;
  if (family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  // As any TCP server: connections of an earlier run must not keep the port.
  if (type == SOCK_STREAM) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_storage address;
  const socklen_t size = to_sockaddr(where, family, address);
  socklen_t bound_size = sizeof address;
  const bool bound = bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     (type != SOCK_STREAM || ::listen(fd, kBacklog) == 0) &&
                     getsockname(fd, reinterpret_cast<sockaddr*>(&address), &bound_size) == 0;
  if (!bound) {
    error_ = errno;
    ::close(fd);
    return false;
  }
  fd_ = fd;
  family_ = family;
  local_ = from_sockaddr(reinterpret_cast<sockaddr*>(&address));
  return true;
}

}  // namespace swarmcast::transport
