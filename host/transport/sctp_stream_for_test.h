// A stream over a pipe (sctp_pipe_for_test.h), and what its packets consist of.
#pragma once

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "host/transport/sctp_pipe_for_test.h"

namespace swarmcast::transport {

// Calls visit(chunk) with each chunk of the packet.
template <typename Visit>
void for_each_chunk(ByteSpan packet, Visit&& visit) {
  SctpChunks chunks(packet);
  while (const auto chunk = chunks.next()) visit(*chunk);
}

inline bool has_chunk(ByteSpan packet, uint8_t type) {
  bool found = false;
  for_each_chunk(packet, [&](const SctpChunk& chunk) { found = found || chunk.type == type; });
  return found;
}

inline constexpr size_t kStreamMessageSize = 1'100;

// A steady stream of messages one way, and how it arrived.
class Stream {
 public:
  static constexpr Duration kInterval = Duration::millis(2);  // 4.4 Mbit/s

  Stream(SctpPipe& pipe, SctpPipe::End& from, SctpPipe::End& to)
      : pipe_(pipe), from_(from), to_(to) {
    to.when_message = [this](ByteSpan message) { arrived(message); };
  }
  void run(size_t messages, Duration interval = kInterval) {
    last_ = pipe_.now();
    Instant next = last_;
    for (size_t i = 0; i < messages; ++i) {
      std::vector<uint8_t> message(kStreamMessageSize, 0x20);
      const int64_t now = pipe_.now().us();
      std::memcpy(message.data() + 1, &now, sizeof now);
      offered_ += from_.association->send(Lane::kMedia, message);
      refused_ = i + 1 - offered_;
      next = next + interval;
      pipe_.run_until([&] { return pipe_.now() >= next; });
    }
    end_ = pipe_.now();
    pipe_.run_for(Duration::seconds(3));
    std::ranges::sort(delays_);
  }
  double arrived_of_the_unlost() const {
    return static_cast<double>(delays_.size()) /
           static_cast<double>(offered_ + refused_ - from_.lost_data);
  }
  Duration delay(double quantile) const {
    return delays_.empty()
               ? Duration::infinite()
               : delays_[static_cast<size_t>(quantile * static_cast<double>(delays_.size() - 1))];
  }
  Duration longest_silence() const { return std::max(longest_, end_ - last_); }

 private:
  void arrived(ByteSpan message) {
    int64_t sent;
    std::memcpy(&sent, message.data() + 1, sizeof sent);
    delays_.push_back(pipe_.now() - Instant::from_us(sent));
    longest_ = std::max(longest_, pipe_.now() - last_);
    last_ = pipe_.now();
  }
  SctpPipe& pipe_;
  SctpPipe::End& from_;
  SctpPipe::End& to_;
  size_t offered_ = 0, refused_ = 0;
  std::vector<Duration> delays_;
  Instant last_, end_;
  Duration longest_;
};

inline constexpr SctpOptions kClient{.dtls_client = true};
inline constexpr SctpOptions kServer{};

}  // namespace swarmcast::transport
