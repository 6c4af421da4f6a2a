#include "test/interop/node/traffic.h"

#include <algorithm>

namespace swarmcast::interop {
namespace {

constexpr size_t kLaneAt = 1, kNumberAt = 2, kSentAt = 6;

void put(MutableByteSpan out, uint64_t value) {
  for (size_t i = out.size(); i-- > 0; value >>= 8) out[i] = static_cast<uint8_t>(value);
}

uint64_t get(ByteSpan in) {
  uint64_t value = 0;
  for (uint8_t byte : in) value = value << 8 | byte;
  return value;
}

// By nearest rank, of sorted values.
double percentile_ms(const std::vector<int64_t>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto rank = static_cast<size_t>(share * static_cast<double>(sorted.size() - 1) + 0.5);
  return static_cast<double>(sorted[rank]) / 1e3;
}

}  // namespace

std::vector<uint8_t> make_message(const Header& header, size_t size) {
  std::vector<uint8_t> out(size, 0x55);
  out[0] = static_cast<uint8_t>(header.kind);
  out[kLaneAt] = static_cast<uint8_t>(header.lane);
  const MutableByteSpan bytes(out);
  put(bytes.subspan(kNumberAt, 4), header.number);
  put(bytes.subspan(kSentAt, 8), static_cast<uint64_t>(header.sent.us()));
  return out;
}

std::optional<Header> read_message(ByteSpan message) {
  if (message.size() < kHeaderSize) return std::nullopt;
  if (message[0] < 0x21 || message[0] > 0x23 || message[kLaneAt] > 1) return std::nullopt;
  return Header{static_cast<Kind>(message[0]), static_cast<transport::Lane>(message[kLaneAt]),
                static_cast<uint32_t>(get(message.subspan(kNumberAt, 4))),
                Instant::from_us(static_cast<int64_t>(get(message.subspan(kSentAt, 8))))};
}

void Receiving::take(const Header& header, size_t size, Instant now) {
  if (header.number >= kMaxNumber) return;
  if (header.number >= seen_.size()) seen_.resize(header.number + 1);
  if (seen_[header.number]) {
    ++duplicates_;
    return;
  }
  seen_[header.number] = true;
  if (header.number < next_) ++reordered_;
  next_ = std::max(next_, header.number + 1);
  bytes_ += size;
  delays_us_.push_back((now - header.sent).us());
  arrivals_us_.push_back(now.us());
}

nlohmann::json Receiving::report(bool delays) const {
  std::vector<int64_t> sorted = delays_us_;
  std::ranges::sort(sorted);
  nlohmann::json out = {{"received", delays_us_.size()},
                        {"duplicates", duplicates_},
                        {"reordered", reordered_},
                        {"bytes", bytes_},
                        {"delay_ms",
                         {{"p50", percentile_ms(sorted, 0.5)},
                          {"p99", percentile_ms(sorted, 0.99)},
                          {"max", percentile_ms(sorted, 1)}}}};
  if (!delays) return out;
  for (int64_t us : sorted) out["delays_ms"].push_back(static_cast<double>(us) / 1e3);
  for (int64_t us : arrivals_us_) out["arrivals_ms"].push_back(static_cast<double>(us) / 1e3);
  return out;
}

}  // namespace swarmcast::interop
