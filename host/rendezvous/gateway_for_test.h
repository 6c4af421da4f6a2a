// Strangers at a gateway, and somebody who writes down what its paths bring.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "host/rendezvous/rendezvous.h"
#include "host/transport/bound_socket.h"
#include "host/transport/endpoint_for_test.h"
#include "host/transport/transport_test_support.h"

namespace swarmcast::rendezvous {

using transport::at;
using transport::run_for;
using transport::run_until;

class Recorder final : public SignalEvents {
 public:
  struct Path {
    bool to_entry = false;
    bool down = false;
    std::vector<std::string> messages;
  };
  void on_path_up(SignalPathId path, bool to_entry) override { paths[path].to_entry = to_entry; }
  void on_signal(SignalPathId path, ByteSpan message) override {
    paths.at(path).messages.emplace_back(message.begin(), message.end());
  }
  void on_path_down(SignalPathId path) override { paths.at(path).down = true; }
  void on_path_failed(const std::string& sentence) override { failures.push_back(sentence); }

  size_t open() const {
    size_t n = 0;
    for (const auto& [id, path] : paths) n += !path.down;
    return n;
  }
  size_t messages() const {
    size_t n = 0;
    for (const auto& [id, path] : paths) n += path.messages.size();
    return n;
  }
  std::map<SignalPathId, Path> paths;
  std::vector<std::string> failures;
};

inline ByteSpan bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

enum class Opcode : uint8_t { kContinuation = 0, kText = 1, kBinary = 2, kClose = 8, kPing = 9 };

// One WebSocket frame (RFC 6455, 5.2), of at most 65,535 bytes.
inline std::string frame(Opcode opcode, const std::string& payload, bool masked = true,
                         bool final = true) {
  std::string out;
  out += static_cast<char>((final ? 0x80 : 0) | static_cast<int>(opcode));
  const char mask_bit = masked ? '\x80' : '\0';
  if (payload.size() < 126) {
    out += static_cast<char>(mask_bit | static_cast<char>(payload.size()));
  } else {
    out += static_cast<char>(mask_bit | 126);
    out += static_cast<char>(payload.size() >> 8);
    out += static_cast<char>(payload.size());
  }
  const std::string mask = "abcd";
  if (masked) out += mask;
  for (size_t i = 0; i < payload.size(); ++i)
    out += static_cast<char>(masked ? payload[i] ^ mask[i % 4] : payload[i]);
  return out;
}

// A stranger with a bare TCP connection.
class Stranger {
 public:
  Stranger(Loop& loop, const Endpoint& where, const std::string& source = "127.0.0.1:0")
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
        stop_watching_(loop, [this] { watch_.reset(); }) {
    sockaddr_storage address;
    socklen_t size = transport::to_sockaddr(at(source), AF_INET, address);
    SWARMCAST_CHECK(::bind(fd_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    size = transport::to_sockaddr(where, AF_INET, address);
    closed = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), size) != 0;
    watch_.emplace(loop, fd_, Loop::FdWatch::kReadable, [this](unsigned) { read(); });
  }
  ~Stranger() {
    watch_.reset();
    ::close(fd_);
  }
  // What does not fit the kernel's buffer is lost; returns what fit.
  size_t send(std::string_view text) {
    const ssize_t n = ::send(fd_, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    return n < 0 ? 0 : static_cast<size_t>(n);
  }
  void stop_reading() { watch_->set_events(0); }
  void go_on_reading() { watch_->set_events(Loop::FdWatch::kReadable); }

  std::string received;
  bool closed = false;

 private:
  void read() {
    char buffer[4'096];
    const ssize_t n = ::recv(fd_, buffer, sizeof buffer, MSG_DONTWAIT);
    if (n > 0) return void(received.append(buffer, static_cast<size_t>(n)));
    closed = true;
    stop_watching_.set(Loop::now());  // a hung-up socket would keep the loop busy
  }
  int fd_;
  Loop::Timer stop_watching_;
  std::optional<Loop::FdWatch> watch_;
};

inline const std::string kUpgrade =
    "GET /signal HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";

}  // namespace swarmcast::rendezvous
