#include "bench/product/tcp_flow.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <vector>

namespace swarmcast::bench {
namespace {

constexpr uint16_t kFlowPort = 5'999;
constexpr char kCubic[] = "cubic";

sockaddr_in address_of(const test::Wan& wan, size_t host) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(kFlowPort);
  inet_pton(AF_INET, wan.address(host).c_str(), &address.sin_addr);
  return address;
}

int tcp_socket() { return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }

int listen_at(const test::Wan& wan, size_t host) {
  int out = -1;
  test::inside_namespace(wan.network_namespace(host), [&] {
    out = tcp_socket();
    const sockaddr_in address = address_of(wan, host);
    const bool listens =
        bind(out, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        listen(out, 1) == 0;
    if (listens) return;
    close(out);
    out = -1;
  });
  return out;
}

}  // namespace

std::unique_ptr<TcpFlow> TcpFlow::start(const test::Wan& wan, size_t from, size_t to,
                                        std::string* why) {
  const int listener = listen_at(wan, to);
  int sender = -1;
  test::inside_namespace(wan.network_namespace(from), [&] { sender = tcp_socket(); });
  const auto give_up = [&](const char* reason) {
    *why = std::string(reason) + ": " + std::strerror(errno);
    if (listener >= 0) close(listener);
    if (sender >= 0) close(sender);
    return nullptr;
  };
  if (listener < 0 || sender < 0) return give_up("no TCP socket in a namespace");
  if (setsockopt(sender, IPPROTO_TCP, TCP_CONGESTION, kCubic, sizeof kCubic - 1) != 0)
    return give_up("this kernel has no CUBIC");
  const sockaddr_in address = address_of(wan, to);
  if (connect(sender, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return give_up("the TCP connection fails");
  const int receiver = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  if (receiver < 0) return give_up("the TCP connection fails");
  close(listener);
  return std::unique_ptr<TcpFlow>(new TcpFlow(sender, receiver));
}

TcpFlow::TcpFlow(int sender, int receiver) : sender_(sender), receiver_(receiver) {
  // Blocking calls end at least this often, so that the threads see when they are to stop.
  const timeval patience{.tv_sec = 0, .tv_usec = 100'000};
  setsockopt(sender_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  setsockopt(receiver_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sending_ = std::thread([this] { send(); });
  receiving_ = std::thread([this] { receive(); });
}

TcpFlow::~TcpFlow() {
  stopping_ = true;
  sending_.join();
  receiving_.join();
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(sender_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(sender_);
  close(receiver_);
}

void TcpFlow::send() {
  const std::vector<uint8_t> data(64 << 10);
  while (!stopping_) ::send(sender_, data.data(), data.size(), MSG_NOSIGNAL);
}

void TcpFlow::receive() {
  std::vector<uint8_t> data(64 << 10);
  while (!stopping_) recv(receiver_, data.data(), data.size(), 0);
}

}  // namespace swarmcast::bench
