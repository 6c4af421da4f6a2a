// One UDP port, batched: many datagrams a system call in either direction.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/bytes.h"
#include "engine/base/contact.h"
#include "host/transport/link.h"

namespace swarmcast::transport {

// Larger datagrams are neither sent nor accepted.
inline constexpr size_t kMaxDatagramSize = 1'280;

// Where datagrams come from and go to, this host's side included: a host with several addresses
// must answer from the one that was dialled, or the dialler will not know the answer.
struct Path {
  Endpoint remote;
  std::array<uint8_t, 16> local_ip{};  // unspecified: the kernel chooses
  uint32_t interface = 0;              // index; a host with two ways out must use the same; 0: any
  bool operator==(const Path&) const = default;
};

class UdpSocket {
 public:
  // Counts into `stats`, which must outlive the socket.
  explicit UdpSocket(TransportStats& stats);
  ~UdpSocket();
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;

  // As Transport::listen().
  [[nodiscard]] std::optional<std::string> open(const Endpoint& where);
  int fd() const { return fd_; }
  const Endpoint& local() const { return local_; }

  // Reads one batch and calls handle(const Path&, MutableByteSpan, Instant arrived) for each
  // datagram; false if nothing more is waiting. `arrived`, on the loop's clock, is when the kernel
  // got it, however late we read it. The callee may overwrite the bytes.
  template <typename Handle>
  bool receive(Handle&& handle) {
    const size_t count = read_batch();
    for (size_t i = 0; i < count; ++i) {
      Path path;
      size_t segment = 0;
      Instant arrived;
      MutableByteSpan rest = received(i, path, segment, arrived);
      while (!rest.empty()) {
        const size_t n = std::min(segment, rest.size());
        count_in(path.remote, n);
        handle(path, rest.first(n), arrived);
        rest = rest.subspan(n);
      }
    }
    return count == kReceiveSlots;
  }

  // Takes a copy; 1..kMaxDatagramSize bytes. Flushes first if the queue is full.
  void queue(const Path& path, ByteSpan datagram);
  // Hands the queue to the kernel. What the kernel does not take is dropped and counted: a late
  // packet is worth less than the next one. Order is kept towards each address.
  void flush();
  bool idle() const { return queued_ == 0; }
  // False if the last flush met an address this host cannot reach.
  bool reachable() const { return reachable_; }

 private:
  static constexpr size_t kReceiveSlots = 8;
  static constexpr size_t kReceiveSize = 65'536;  // many datagrams of one sender (UDP GRO)
  static constexpr size_t kSendSlots = 64;
  static constexpr size_t kMaxSegments = 48;  // a system call's worth to one address (UDP GSO)
  static constexpr size_t kControlSize = 96;

  // Consecutive datagrams to one address, all but the last of one size: one message to the kernel.
  struct Group {
    size_t first = 0;  // slot; the others follow through next_
    size_t last = 0;
    size_t count = 0;
    bool open = true;
  };
  struct alignas(8) Control {
    uint8_t bytes[kControlSize];
  };

  bool try_open(int family, const Endpoint& where);
  void tune();
  size_t read_batch();
  MutableByteSpan received(size_t i, Path& path, size_t& segment, Instant& arrived);
  void count_in(const Endpoint& from, size_t size);
  void count_out(const Endpoint& to, size_t size);
  void make_groups();
  void fill_message(const Group& group, mmsghdr& message, size_t& iovec, Control& control);
  void send_messages();
  bool try_any_interface(size_t group);
  void count_sent(const Group& group, bool sent);
  void split_groups(size_t from);

  TransportStats& stats_;
  int fd_ = -1;
  int family_ = 0;
  Endpoint local_;
  bool wildcard_ = false;
  bool gso_ = true;
  bool reachable_ = true;

  std::unique_ptr<uint8_t[]> receive_buffer_;
  std::array<mmsghdr, kReceiveSlots> receive_messages_{};
  std::array<iovec, kReceiveSlots> receive_iovecs_{};
  std::array<sockaddr_storage, kReceiveSlots> receive_names_{};
  std::array<Control, kReceiveSlots> receive_controls_{};
  Instant read_at_;         // of the batch, on the loop's clock, ...
  int64_t read_at_ns_ = 0;  // ... and on the kernel's, that of the calendar

  std::unique_ptr<uint8_t[]> send_buffer_;
  std::array<Path, kSendSlots> paths_;
  std::array<uint16_t, kSendSlots> sizes_{};
  std::array<uint8_t, kSendSlots> next_{};
  size_t queued_ = 0;
  std::array<Group, kSendSlots> groups_;
  size_t group_count_ = 0;
  std::array<mmsghdr, kSendSlots> send_messages_{};
  std::array<iovec, kSendSlots> send_iovecs_{};
  std::array<sockaddr_storage, kSendSlots> send_names_{};
  std::array<Control, kSendSlots> send_controls_{};
};

}  // namespace swarmcast::transport
