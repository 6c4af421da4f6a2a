// Nodes, strangers and a middlebox on the loopback interface, for tests and benchmarks.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "host/loop/loop.h"
#include "host/platform/sodium_crypto.h"
#include "host/transport/bound_socket.h"
#include "host/transport/endpoint_text.h"
#include "host/transport/native_transport.h"

namespace swarmcast::transport {

using Datagram = std::vector<uint8_t>;

inline constexpr SwarmSecret kTestSecret = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
inline constexpr LinkId kTestDial{kDialledLinkBit | 7};

// Serves the loop until `done()`; false if that took longer than any healthy machine needs.
inline bool run_until(Loop& loop, const std::function<bool()>& done,
                      Duration limit = Duration::seconds(20)) {
  bool late = false;
  Loop::Timer guard(loop, [&] { late = true; });
  guard.set(Loop::now() + limit);
  while (!done() && !late) loop.run_once(true);
  return done();
}

// Lets `span` pass in the loop, for what must not happen meanwhile.
inline void run_for(Loop& loop, Duration span) {
  run_until(loop, [] { return false; }, span);
}

// Keeps what happens on links, and tells whoever wants to know at once.
class LinkRecorder : public LinkEvents {
 public:
  struct Up {
    LinkId id;
    bool ours;
    Fingerprint local, remote;
    Endpoint endpoint;
  };
  struct Down {
    LinkId id;
    DownReason reason;
  };

  void on_up(LinkId link, bool ours, const Fingerprint& local, const Fingerprint& remote,
             const Endpoint& endpoint) override {
    ups.push_back({link, ours, local, remote, endpoint});
    if (when_up) when_up(link);
  }
  void on_message(LinkId link, ByteSpan message, Instant) override {
    messages.emplace_back(message.begin(), message.end());
    if (when_message) when_message(link, message);
  }
  void on_down(LinkId link, DownReason reason) override {
    downs.push_back({link, reason});
    if (when_down) when_down(link);
  }

  std::vector<Up> ups;
  std::vector<Down> downs;
  std::vector<Datagram> messages;
  std::function<void(LinkId)> when_up, when_down;
  std::function<void(LinkId, ByteSpan)> when_message;
};

class Node final : public LinkRecorder {
 public:
  explicit Node(Loop& loop, const NativeLimits& limits = {},
                const std::string& where = "127.0.0.1:0", const SwarmSecret& secret = kTestSecret)
      : transport(std::make_unique<NativeTransport>(loop, platform::sodium_crypto(), secret, *this,
                                                    limits)) {
    const auto error = transport->listen(*parse_endpoint(where));
    SWARMCAST_CHECK(!error);
  }

  void on_local_description(LinkId, const LinkDescription&) override {}  // of no native link

  Contact contact() const {
    return {PeerId{}, transport->local_endpoint(), transport->fingerprint()};
  }
  void send(LinkId link, const Datagram& message) {
    transport->send(link, Lane::kMedia, message);
    transport->flush();
  }
  // Id of the latest link that came up.
  LinkId link() const { return ups.back().id; }

  std::unique_ptr<NativeTransport> transport;
};

// A bare UDP socket.
class RawSocket {
 public:
  explicit RawSocket(const std::string& where = "127.0.0.1:0") {
    fd_ = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_storage address;
    const socklen_t size = to_sockaddr(*parse_endpoint(where), AF_INET, address);
    SWARMCAST_CHECK(bind(fd_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
  }
  ~RawSocket() { ::close(fd_); }
  RawSocket(const RawSocket&) = delete;

  int fd() const { return fd_; }
  Endpoint local() const {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    return from_sockaddr(reinterpret_cast<sockaddr*>(&address));
  }
  void send(const Endpoint& to, ByteSpan datagram) {
    sockaddr_storage address;
    const socklen_t size = to_sockaddr(to, AF_INET, address);
    sendto(fd_, datagram.data(), datagram.size(), 0, reinterpret_cast<const sockaddr*>(&address),
           size);
  }
  std::optional<std::pair<Endpoint, Datagram>> receive() {
    Datagram datagram(65'536);
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    const ssize_t n = recvfrom(fd_, datagram.data(), datagram.size(), 0,
                               reinterpret_cast<sockaddr*>(&from), &size);
    if (n < 0) return std::nullopt;
    datagram.resize(static_cast<size_t>(n));
    return std::pair(from_sockaddr(reinterpret_cast<sockaddr*>(&from)), std::move(datagram));
  }

 private:
  int fd_;
};

// A NAT between one dialler and one listener: diallers dial `front()`, the listener sees `back()`.
// It remembers what passed, may change or drop it, and may change its outer address.
class Middlebox {
 public:
  Middlebox(Loop& loop, const Endpoint& listener) : loop_(loop), listener_(listener) {
    front_watch_ = std::make_unique<Loop::FdWatch>(loop, front_.fd(), Loop::FdWatch::kReadable,
                                                   [this](unsigned) { from_dialler(); });
    rebind();
  }
  Endpoint front() const { return front_.local(); }
  Endpoint back() const { return back_->local(); }
  // From now on the listener sees another port, and the old one is dead.
  void rebind() {
    back_watch_.reset();
    back_ = std::make_unique<RawSocket>();
    back_watch_ = std::make_unique<Loop::FdWatch>(loop_, back_->fd(), Loop::FdWatch::kReadable,
                                                  [this](unsigned) { from_listener(); });
  }
  void to_listener(ByteSpan datagram) { back_->send(listener_, datagram); }

  // Called for each datagram, numbered from 0 per direction; true lets it pass.
  std::function<bool(size_t number, Datagram&)> outbound, inbound;
  std::vector<Datagram> sent;  // what the dialler sent, let pass or not

 private:
  void from_dialler() {
    while (auto got = front_.receive()) {
      dialler_ = got->first;
      sent.push_back(got->second);
      if (!outbound || outbound(outbound_count_++, got->second)) to_listener(got->second);
    }
  }
  void from_listener() {
    while (auto got = back_->receive()) {
      if (!inbound || inbound(inbound_count_++, got->second)) front_.send(dialler_, got->second);
    }
  }
  Loop& loop_;
  Endpoint listener_, dialler_;
  RawSocket front_;
  std::unique_ptr<RawSocket> back_;
  std::unique_ptr<Loop::FdWatch> front_watch_, back_watch_;
  size_t outbound_count_ = 0, inbound_count_ = 0;
};

}  // namespace swarmcast::transport
