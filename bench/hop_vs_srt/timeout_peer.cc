// A sender that repairs by time-out alone, and its receiver, over plain UDP: every packet is
// acknowledged by itself, and sent again if its acknowledgement is not there within
// max(200 ms, SRTT + 4 RTTVAR) (RFC 6298), twice as long each time again.
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>

#include "bench/hop_vs_srt/peer.h"
#include "engine/base/byte_io.h"
#include "host/loop/loop.h"

namespace swarmcast::bench {
namespace {

constexpr size_t kPacket = 1'100;  // bytes of UDP payload
constexpr uint32_t kPacketsPerFrame = (kFrameBytes + kPacket - 1) / kPacket;
constexpr size_t kAck = 5;
constexpr Duration kMinTimeout = Duration::millis(200);  // Linux's TCP_RTO_MIN
constexpr Duration kFirstTimeout = Duration::seconds(1);
constexpr Duration kPatience = Duration::seconds(10);
constexpr Duration kHelloInterval = Duration::millis(100);
constexpr Duration kStay = Duration::seconds(60);  // until the bench ends us
constexpr unsigned kMostTries = 10;

// A bound UDP socket; one peer.
class Socket {
 public:
  Socket() : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {}
  ~Socket() { close(fd_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  static std::optional<sockaddr_in> parse(const std::string& text) {
    const size_t colon = text.rfind(':');
    sockaddr_in out{};
    out.sin_family = AF_INET;
    if (colon == std::string::npos) return std::nullopt;
    out.sin_port = htons(static_cast<uint16_t>(std::atoi(text.c_str() + colon + 1)));
    if (inet_pton(AF_INET, text.substr(0, colon).c_str(), &out.sin_addr) != 1) return std::nullopt;
    return out;
  }
  bool listen(const std::string& where) {
    const auto address = parse(where);
    return address && bind(fd_, reinterpret_cast<const sockaddr*>(&*address), sizeof *address) == 0;
  }
  bool set_peer(const std::string& where) {
    const auto address = parse(where);
    if (address) peer_ = *address;
    return address.has_value();
  }
  void send(ByteSpan bytes) const {
    sendto(fd_, bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&peer_),
           sizeof peer_);
  }
  // Whoever sent last is the peer. Empty if nothing came until `until`.
  ByteSpan receive(Instant until) {
    const int64_t wait_us = std::max<int64_t>((until - Loop::now()).us(), 0);
    const timespec wait{.tv_sec = wait_us / 1'000'000, .tv_nsec = wait_us % 1'000'000 * 1'000};
    pollfd ready{.fd = fd_, .events = POLLIN, .revents = 0};
    if (ppoll(&ready, 1, &wait, nullptr) <= 0) return {};
    socklen_t length = sizeof peer_;
    const ssize_t n =
        recvfrom(fd_, buffer_, sizeof buffer_, 0, reinterpret_cast<sockaddr*>(&peer_), &length);
    return {buffer_, static_cast<size_t>(std::max<ssize_t>(n, 0))};
  }

 private:
  int fd_;
  sockaddr_in peer_{};
  uint8_t buffer_[2'048];
};

class Sender {
 public:
  explicit Sender(const PeerOptions& options) : options_(options) {}

  int run() {
    if (!socket_.listen(options_.listen)) return 1;
    say({{"event", "invite"}, {"url", options_.listen}});
    if (socket_.receive(Loop::now() + kPatience).empty()) return 1;
    const uint32_t end = kWarmUpFrames + options_.frames + kTailFrames;
    Instant due = Loop::now();
    for (uint32_t frame = 0; frame < end; ++frame) {
      due = due + kFramePeriod;
      serve_until(due);
      announce(frame, options_);
      for (uint32_t i = 0; i < kPacketsPerFrame; ++i) send_first(frame * kPacketsPerFrame + i);
    }
    say({{"event", "sent"}, {"again", again_}, {"timeout_ms", timeout().seconds_f() * 1e3}});
    serve_until(Loop::now() + kStay);
    return 0;
  }

 private:
  struct Packet {
    Instant first, sent;
    Duration timeout;
    uint8_t tries = 0;
  };

  void serve_until(Instant end) {
    while (Loop::now() < end) {
      Instant next = end;
      for (auto it = packets_.begin(); it != packets_.end();) {
        auto& [number, packet] = *it++;
        if (Loop::now() >= packet.sent + packet.timeout) repeat(number, packet);
        if (packet.tries >= kMostTries)
          packets_.erase(number);
        else
          next = std::min(next, packet.sent + packet.timeout);
      }
      if (const ByteSpan ack = socket_.receive(next); ack.size() == kAck) on_ack(ack);
    }
  }

  void send_first(uint32_t number) {
    const Instant now = Loop::now();
    transmit(number, packets_[number] = {.first = now, .sent = now, .timeout = timeout()});
  }

  void repeat(uint32_t number, Packet& packet) {
    packet.sent = Loop::now();
    packet.timeout = packet.timeout * 2;
    ++packet.tries;
    ++again_;
    transmit(number, packet);
  }

  void transmit(uint32_t number, const Packet& packet) {
    ByteWriter out(message_);
    out.u32(number);
    out.u8(packet.tries);
    out.u32(static_cast<uint32_t>(packet.first.us() >> 32));
    out.u32(static_cast<uint32_t>(packet.first.us()));
    socket_.send(message_);
  }

  // The answer to a repeated packet measures nothing: it may be that to the first (Karn 1987).
  void on_ack(ByteSpan ack) {
    ByteReader in(ack);
    const auto it = packets_.find(in.u32());
    if (it == packets_.end()) return;
    if (it->second.tries == 0) {
      const double rtt = (Loop::now() - it->second.sent).seconds_f();
      if (srtt_ > 0) rttvar_ += (std::abs(srtt_ - rtt) - rttvar_) / 4;
      if (srtt_ <= 0) rttvar_ = rtt / 2;
      srtt_ += srtt_ > 0 ? (rtt - srtt_) / 8 : rtt;
    }
    packets_.erase(it);
  }

  Duration timeout() const {
    if (srtt_ <= 0) return kFirstTimeout;
    return std::max(kMinTimeout,
                    Duration::micros(static_cast<int64_t>((srtt_ + 4 * rttvar_) * 1e6)));
  }

  const PeerOptions options_;
  Socket socket_;
  std::map<uint32_t, Packet> packets_;  // not acknowledged
  double srtt_ = 0, rttvar_ = 0;        // s
  uint64_t again_ = 0;
  std::vector<uint8_t> message_ = std::vector<uint8_t>(kPacket, 0x5a);
};

}  // namespace

int run_timeout_sender(const PeerOptions& options) { return Sender(options).run(); }

// Tells how long after their first sending the packets arrived that had to be sent again.
int run_timeout_receiver(const PeerOptions& options) {
  Socket socket;
  if (!socket.listen(options.listen) || !socket.set_peer(options.connect)) return 1;
  std::set<uint32_t> seen;
  std::vector<int64_t> repaired_us;
  bool told = false;
  for (const Instant start = Loop::now(); !seen.empty() || Loop::now() < start + kPatience;) {
    const Bytes<1> hello{};
    if (seen.empty()) socket.send(hello);
    const ByteSpan packet = socket.receive(Loop::now() + kHelloInterval);
    if (packet.size() != kPacket) continue;
    socket.send(packet.first(kAck));
    ByteReader in(packet);
    const uint32_t number = in.u32(), frame = number / kPacketsPerFrame;
    const bool again = in.u8() > 0;
    int64_t first_us = static_cast<int64_t>(uint64_t{in.u32()} << 32);
    first_us |= in.u32();
    const bool counts = frame >= kWarmUpFrames && frame < kWarmUpFrames + options.frames;
    if (seen.insert(number).second && again && counts)
      repaired_us.push_back(Loop::now().us() - first_us);
    if (told || frame < kWarmUpFrames + options.frames + kTailFrames / 2) continue;
    told = true;
    say_in_pieces("repairs", "after_us", repaired_us);
    say({{"event", "result"}, {"packets", seen.size()}});
  }
  return told ? 0 : 1;
}

}  // namespace swarmcast::bench
