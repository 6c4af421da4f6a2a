// CRC-32 (IEEE 802.3, as in zlib): against mistyping, not against attackers.
#pragma once

#include <cstdint>

#include "engine/base/bytes.h"

namespace swarmcast::rendezvous {

// Continues from `crc`, the result over what came before.
constexpr uint32_t crc32(ByteSpan bytes, uint32_t crc = 0) {
  crc = ~crc;
  for (uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc;
}

}  // namespace swarmcast::rendezvous
