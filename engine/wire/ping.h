// PING and PONG: round-trip time and the source's clock (spec/link.md, "PING and PONG").
//
//   PING  0        1                 3
//         | 0x52   | id              | sent (us, low 32 bits)            |
//
//   PONG  0        1        2                 4                                   8
//         | 0x53   | flags  | id            | sent, echoed                      | stream time (5) |
//         13                         16
//         | error (us, 3)            | hold (us, 2) |
//
// A neighbour that does not know the source's clock answers without it: flag 0x01 clear, stream
// time and error zero.
#pragma once

#include <optional>
#include <string>

#include "engine/base/bytes.h"
#include "engine/base/time.h"

namespace swarmcast::wire {

inline constexpr uint8_t kPingType = 0x52;
inline constexpr uint8_t kPongType = 0x53;
inline constexpr size_t kPingSize = 7;
inline constexpr size_t kPongSize = 18;
inline constexpr uint8_t kPongClockFlag = 0x01;

struct Ping {
  uint16_t id = 0;
  uint32_t sent_us = 0;  // the asker's clock, low 32 bits
  bool operator==(const Ping&) const = default;
};

// The source's clock as the answering neighbour estimates it when it answers.
struct ClockReading {
  StreamTime now;  // 0..kMaxStreamTimeUs
  Duration error;  // bound of the estimate; 0..2^24 - 1 us, saturated on writing
  bool operator==(const ClockReading&) const = default;
};

struct Pong {
  uint16_t id = 0;
  uint32_t sent_us = 0;  // echoed
  std::optional<ClockReading> clock;
  uint16_t hold_us = 0;  // from receiving the PING to sending this; 65,535 = that long or longer
  bool operator==(const Pong&) const = default;
};

std::optional<Ping> parse_ping(ByteSpan message);
std::optional<Pong> parse_pong(ByteSpan message);
// Give the bytes written.
size_t write_ping(MutableByteSpan out, const Ping& ping);
size_t write_pong(MutableByteSpan out, const Pong& pong);
std::string to_string(const Ping& ping);
std::string to_string(const Pong& pong);

}  // namespace swarmcast::wire
