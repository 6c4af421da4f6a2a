// The messages that the interop tests send over a link, and what they count of them. The same
// layout as in ../page/traffic.js.
//
//   0      1      2            6              14
//   | kind | lane | number u32 | sent at u64  | filler ...        integers big-endian
//
// `sent at` is the sender's CLOCK_MONOTONIC in microseconds: both ends run on one machine, and the
// driver tells a page how far its own clock is off.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/limits.h"
#include "engine/base/time.h"
#include "host/transport/link.h"

namespace swarmcast::interop {

enum class Kind : uint8_t {
  kEcho = 0x21,  // answered with kAnswer, the same bytes on the same lane
  kAnswer = 0x22,
  kStream = 0x23,  // counted
};

inline constexpr size_t kHeaderSize = 14;

struct Header {
  Kind kind = Kind::kStream;
  transport::Lane lane = transport::Lane::kMedia;
  uint32_t number = 0;
  Instant sent;
};

// A message of `size` bytes, kHeaderSize..kMaxMessageSize.
std::vector<uint8_t> make_message(const Header& header, size_t size);
// nullopt if it is none.
std::optional<Header> read_message(ByteSpan message);

// A paced stream being sent: message n is due n / rate after the start.
class Sending {
 public:
  // `rate` in messages a second.
  Sending(transport::Lane lane, double rate, size_t size, uint32_t count, Instant start)
      : lane_(lane), rate_(rate), size_(size), count_(count), start_(start) {}

  Instant due() const {
    if (sent_ >= count_) return Instant::never();
    return start_ + Duration::micros(static_cast<int64_t>(sent_ * 1e6 / rate_));
  }
  std::vector<uint8_t> next(Instant now) {
    return make_message({Kind::kStream, lane_, sent_++, now}, size_);
  }
  transport::Lane lane() const { return lane_; }
  uint32_t sent() const { return sent_; }

 private:
  transport::Lane lane_;
  double rate_;
  size_t size_;
  uint32_t count_;
  Instant start_;
  uint32_t sent_ = 0;
};

// What arrived of a stream.
class Receiving {
 public:
  static constexpr uint32_t kMaxNumber = 1 << 20;  // higher ones are not counted

  void take(const Header& header, size_t size, Instant now);
  // {"received", "duplicates", "bytes", "reordered", "delay_ms": {"p50", "p99", "max"}}, and with
  // `delays` also "delays_ms" and "arrivals_ms", each message's one-way delay and when it came.
  nlohmann::json report(bool delays) const;

 private:
  std::vector<bool> seen_;
  std::vector<int64_t> delays_us_;
  std::vector<int64_t> arrivals_us_;
  uint32_t next_ = 0;  // one above the highest number seen
  uint64_t duplicates_ = 0;
  uint64_t reordered_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace swarmcast::interop
