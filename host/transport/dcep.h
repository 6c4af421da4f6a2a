// Data Channel Establishment Protocol (RFC 8832): how a peer that knows no agreed channels opens
// its own. Messages have PPID 50 and are sent reliably and in order.
//
//   DATA_CHANNEL_OPEN  0      1              2          4              8              10
//                      | 0x03 | channel type | priority | reliability | label length | protocol
//                      length | 12 label | protocol |
//   DATA_CHANNEL_ACK   | 0x02 |
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/bytes.h"

namespace swarmcast::transport {

// Payload protocol identifiers of data channels (RFC 8831, 8).
inline constexpr uint32_t kDcepPpid = 50;
inline constexpr uint32_t kBinaryPpid = 53;

struct ChannelOpen {
  // The values without kUnorderedChannel are the same with the order kept.
  static constexpr uint8_t kUnorderedChannel = 0x80;
  static constexpr uint8_t kLimitedRetransmissions = 0x01;

  uint8_t channel_type = kUnorderedChannel | kLimitedRetransmissions;
  uint16_t priority = 0;
  uint32_t reliability = 0;  // retransmissions, or milliseconds, by the type
  std::string_view label;    // borrowed from the message
  std::string_view protocol;

  bool unordered() const { return (channel_type & kUnorderedChannel) != 0; }
};
struct ChannelAck {};
using DcepMessage = std::variant<ChannelOpen, ChannelAck>;

// nullopt if it is not exactly one of the two.
std::optional<DcepMessage> parse_dcep(ByteSpan message);

std::vector<uint8_t> write_dcep(const ChannelOpen& open);
inline std::vector<uint8_t> write_dcep(ChannelAck) { return {0x02}; }

}  // namespace swarmcast::transport
