#include "host/transport/udp_socket.h"

#include <errno.h>
#include <netinet/udp.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "engine/base/check.h"
#include "host/loop/loop.h"
#include "host/transport/bound_socket.h"
#include "host/transport/endpoint_text.h"

namespace swarmcast::transport {
namespace {

constexpr int kBufferSize = 4 << 20;
constexpr Duration kLongestWait = Duration::seconds(1);

int64_t nanoseconds(const timespec& t) { return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec; }

void set_option(int fd, int level, int name, int value) {
  setsockopt(fd, level, name, &value, sizeof value);  // each is an improvement, none a condition
}

size_t header_size(const Endpoint& endpoint) { return is_ipv4(endpoint) ? 28 : 48; }

std::string why_not_opened(int error, const Endpoint& where) {
  const std::string port = std::to_string(where.port);
  switch (error) {
    case EADDRINUSE:
      return "UDP port " + port +
             " is in use by another program: choose another with --listen ADDR:PORT, or port 0 "
             "for any free one";
    case EADDRNOTAVAIL:
      return "this computer has no address " + address_text(where) +
             ": give one of its own addresses to --listen, or leave the address out";
    case EACCES:
      return "this user may not open UDP port " + port + ": choose a port above 1023";
    default:
      return "cannot open UDP port " + port + ": " + strerror(error);
  }
}

template <typename T>
void append_control(msghdr& header, uint8_t* buffer, int level, int type, const T& value) {
  auto* c = reinterpret_cast<cmsghdr*>(buffer + header.msg_controllen);
  c->cmsg_level = level;
  c->cmsg_type = type;
  c->cmsg_len = CMSG_LEN(sizeof value);
  memcpy(CMSG_DATA(c), &value, sizeof value);
  header.msg_control = buffer;
  header.msg_controllen += CMSG_SPACE(sizeof value);
}

}  // namespace

UdpSocket::UdpSocket(TransportStats& stats)
    : stats_(stats),
      receive_buffer_(new uint8_t[kReceiveSlots * kReceiveSize]),
      send_buffer_(new uint8_t[kSendSlots * kMaxDatagramSize]) {}

UdpSocket::~UdpSocket() {
  if (fd_ >= 0) ::close(fd_);
}

std::optional<std::string> UdpSocket::open(const Endpoint& where) {
  SWARMCAST_CHECK(fd_ < 0);
  // An IPv6 socket carries both families; the other kind is for kernels without IPv6.
  if (!try_open(AF_INET6, where)) {
    const int error = errno;
    const bool no_ipv6 = error == EAFNOSUPPORT;
    if (!no_ipv6 || !(is_ipv4(where) || is_unspecified(where)) || !try_open(AF_INET, where)) {
      return why_not_opened(no_ipv6 ? errno : error, where);
    }
  }
  wildcard_ = is_unspecified(where);
  tune();
  return std::nullopt;
}

bool UdpSocket::try_open(int family, const Endpoint& where) {
  const int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  family_ = family;
  if (family == AF_INET6) set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  sockaddr_storage address;
  const socklen_t size = to_sockaddr(where, family, address);
  socklen_t bound_size = sizeof address;
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &bound_size) != 0) {
    const int error = errno;
    ::close(fd);
    errno = error;
    return false;
  }
  fd_ = fd;
  local_ = from_sockaddr(reinterpret_cast<sockaddr*>(&address));
  return true;
}

void UdpSocket::tune() {
  for (int name : {SO_RCVBUF, SO_SNDBUF}) set_option(fd_, SOL_SOCKET, name, kBufferSize);
  for (int name : {SO_RCVBUFFORCE, SO_SNDBUFFORCE}) {  // beyond the system's limit, if allowed
    set_option(fd_, SOL_SOCKET, name, kBufferSize);
  }
  set_option(fd_, SOL_UDP, UDP_GRO, 1);
  set_option(fd_, SOL_SOCKET, SO_TIMESTAMPNS, 1);
  if (wildcard_ && family_ == AF_INET6) set_option(fd_, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
}

size_t UdpSocket::read_batch() {
  for (size_t i = 0; i < kReceiveSlots; ++i) {
    receive_iovecs_[i] = {receive_buffer_.get() + i * kReceiveSize, kReceiveSize};
    msghdr& header = receive_messages_[i].msg_hdr;
    header = {};
    header.msg_name = &receive_names_[i];
    header.msg_namelen = sizeof receive_names_[i];
    header.msg_iov = &receive_iovecs_[i];
    header.msg_iovlen = 1;
    header.msg_control = receive_controls_[i].bytes;
    header.msg_controllen = kControlSize;
  }
  const int n = recvmmsg(fd_, receive_messages_.data(), kReceiveSlots, MSG_DONTWAIT, nullptr);
  timespec calendar;
  clock_gettime(CLOCK_REALTIME, &calendar);
  read_at_ns_ = nanoseconds(calendar);
  read_at_ = Loop::now();
  return n < 0 ? 0 : static_cast<size_t>(n);
}

MutableByteSpan UdpSocket::received(size_t i, Path& path, size_t& segment, Instant& arrived) {
  msghdr& header = receive_messages_[i].msg_hdr;
  const size_t size = receive_messages_[i].msg_len;
  segment = size;
  arrived = read_at_;
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) {
      int value;
      memcpy(&value, CMSG_DATA(c), sizeof value);
      if (value > 0) segment = static_cast<size_t>(value);
    } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info;
      memcpy(&info, CMSG_DATA(c), sizeof info);
      memcpy(path.local_ip.data(), &info.ipi6_addr, 16);
      path.interface = info.ipi6_ifindex;
    } else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
      timespec at;
      memcpy(&at, CMSG_DATA(c), sizeof at);
      // The calendar may be set meanwhile: a wait out of all proportion is none.
      const auto waited = Duration::micros((read_at_ns_ - nanoseconds(at)) / 1'000);
      if (waited > Duration() && waited < kLongestWait) arrived = read_at_ - waited;
    }
  }
  path.remote = from_sockaddr(reinterpret_cast<sockaddr*>(&receive_names_[i]));
  return {receive_buffer_.get() + i * kReceiveSize, size};
}

void UdpSocket::count_in(const Endpoint& from, size_t size) {
  ++stats_.datagrams_in;
  stats_.wire_in += size + header_size(from);
}

void UdpSocket::count_out(const Endpoint& to, size_t size) {
  ++stats_.datagrams_out;
  stats_.wire_out += size + header_size(to);
}

void UdpSocket::queue(const Path& path, ByteSpan datagram) {
  SWARMCAST_CHECK(!datagram.empty() && datagram.size() <= kMaxDatagramSize);
  if (queued_ == kSendSlots) flush();
  paths_[queued_] = path;
  sizes_[queued_] = static_cast<uint16_t>(datagram.size());
  memcpy(send_buffer_.get() + queued_ * kMaxDatagramSize, datagram.data(), datagram.size());
  ++queued_;
}

void UdpSocket::flush() {
  if (queued_ == 0) return;
  reachable_ = true;
  if (fd_ >= 0) {
    make_groups();
    send_messages();
  }
  queued_ = 0;
}

void UdpSocket::make_groups() {
  group_count_ = 0;
  for (size_t slot = 0; slot < queued_; ++slot) {
    size_t g = gso_ ? group_count_ : 0;
    while (g > 0 && paths_[groups_[g - 1].first] != paths_[slot]) --g;
    Group* group = g > 0 ? &groups_[g - 1] : nullptr;  // the latest to that address
    if (group != nullptr && group->open && sizes_[slot] <= sizes_[group->first]) {
      next_[group->last] = static_cast<uint8_t>(slot);
      group->last = slot;
      // A shorter datagram must be the last of its group.
      group->open = ++group->count < kMaxSegments && sizes_[slot] == sizes_[group->first];
    } else {
      groups_[group_count_++] = {slot, slot, 1, true};
    }
  }
}

void UdpSocket::fill_message(const Group& group, mmsghdr& message, size_t& iovec_index,
                             Control& control) {
  msghdr& header = message.msg_hdr;
  header = {};
  header.msg_name = &send_names_[group.first];
  header.msg_namelen = to_sockaddr(paths_[group.first].remote, family_, send_names_[group.first]);
  header.msg_iov = &send_iovecs_[iovec_index];
  header.msg_iovlen = group.count;
  for (size_t i = 0, slot = group.first; i < group.count; ++i, slot = next_[slot]) {
    send_iovecs_[iovec_index++] = {send_buffer_.get() + slot * kMaxDatagramSize, sizes_[slot]};
  }
  const Path& path = paths_[group.first];
  if (wildcard_ && family_ == AF_INET6 && path.local_ip != std::array<uint8_t, 16>{}) {
    in6_pktinfo info{};
    memcpy(&info.ipi6_addr, path.local_ip.data(), 16);
    info.ipi6_ifindex = path.interface;
    append_control(header, control.bytes, IPPROTO_IPV6, IPV6_PKTINFO, info);
  }
  if (group.count > 1) {
    append_control(header, control.bytes, SOL_UDP, UDP_SEGMENT, sizes_[group.first]);
  }
}

void UdpSocket::send_messages() {
  size_t iovec_index = 0;
  for (size_t g = 0; g < group_count_; ++g) {
    fill_message(groups_[g], send_messages_[g], iovec_index, send_controls_[g]);
  }
  size_t done = 0;
  while (done < group_count_) {
    const int n = sendmmsg(fd_, send_messages_.data() + done,
                           static_cast<unsigned>(group_count_ - done), MSG_DONTWAIT);
    if (n > 0) {
      for (int i = 0; i < n; ++i) count_sent(groups_[done++], true);
      continue;
    }
    const int error = errno;
    if (error == EINTR) continue;
    const bool many = groups_[done].count > 1;
    if (many && (error == EIO || error == EINVAL || error == EMSGSIZE)) {
      gso_ = false;  // the way out cannot segment: from now on, one message a datagram
      split_groups(done);
      return send_messages();
    }
    if ((error == ENETUNREACH || error == EHOSTUNREACH) && try_any_interface(done)) continue;
    if (error != EAGAIN && error != ENOBUFS) reachable_ = false;
    count_sent(groups_[done++], false);
  }
}

// Packets may come in where no route leads back. True if the message to this group has changed.
bool UdpSocket::try_any_interface(size_t group) {
  Path& path = paths_[groups_[group].first];
  if (path.interface == 0) return false;
  path.interface = 0;
  size_t iovec_index =
      static_cast<size_t>(send_messages_[group].msg_hdr.msg_iov - send_iovecs_.data());
  fill_message(groups_[group], send_messages_[group], iovec_index, send_controls_[group]);
  return true;
}

void UdpSocket::split_groups(size_t from) {
  std::array<Group, kSendSlots> single;
  size_t n = 0;
  for (size_t g = from; g < group_count_; ++g) {
    for (size_t i = 0, slot = groups_[g].first; i < groups_[g].count; ++i, slot = next_[slot]) {
      single[n++] = {slot, slot, 1, false};
    }
  }
  groups_ = single;
  group_count_ = n;
}

void UdpSocket::count_sent(const Group& group, bool sent) {
  for (size_t i = 0, slot = group.first; i < group.count; ++i, slot = next_[slot]) {
    sent ? count_out(paths_[slot].remote, sizes_[slot]) : void(++stats_.unsent);
  }
}

}  // namespace swarmcast::transport
