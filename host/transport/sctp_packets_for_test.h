// SCTP packets made by hand.
#pragma once

#include <utility>
#include <vector>

#include "engine/base/byte_io.h"
#include "host/transport/dcep.h"
#include "host/transport/sctp_packet.h"

namespace swarmcast::transport {

using SctpBytes = std::vector<uint8_t>;

inline SctpBytes raw_chunk(uint8_t type, const SctpBytes& value, uint8_t flags = 0) {
  SctpBytes out(SctpChunk::kHeaderSize + value.size());
  ByteWriter writer(out);
  writer.u8(type);
  writer.u8(flags);
  writer.u16(out.size());
  writer.bytes(value);
  return out;
}

// Flags of DATA that is a message by itself.
inline constexpr uint8_t kWhole = SctpData::kBegin | SctpData::kEnd | SctpData::kUnordered;

struct DataFields {
  uint8_t flags = kWhole;
  size_t payload = 100;
  uint32_t ppid = kBinaryPpid;
};

inline SctpBytes data_chunk(uint32_t tsn, const DataFields& fields) {
  SctpBytes value(SctpData::kHeaderSize - SctpChunk::kHeaderSize + fields.payload);
  ByteWriter writer(value);
  writer.u32(tsn);
  writer.u32(0);
  writer.u32(fields.ppid);
  return raw_chunk(SctpChunk::kData, value, fields.flags);
}

inline SctpBytes sack_chunk(uint32_t cumulative,
                            const std::vector<std::pair<uint16_t, uint16_t>>& gaps,
                            size_t duplicates = 0) {
  SctpBytes value(SctpSack::kFixedSize - SctpChunk::kHeaderSize + 4 * (gaps.size() + duplicates));
  ByteWriter writer(value);
  writer.u32(cumulative);
  writer.u32(100'000);
  writer.u16(gaps.size());
  writer.u16(duplicates);
  for (const auto& [start, end] : gaps) {
    writer.u16(start);
    writer.u16(end);
  }
  return raw_chunk(SctpChunk::kSack, value);
}

inline SctpBytes init_chunk(uint8_t type, uint32_t tsn, bool forward_tsn) {
  SctpBytes value(forward_tsn ? 20 : 16);
  ByteWriter writer(value);
  writer.u32(0x0102'0304);
  writer.u32(100'000);
  writer.u16(16);
  writer.u16(16);
  writer.u32(tsn);
  if (forward_tsn) {
    writer.u16(0xc000);
    writer.u16(4);
  }
  return raw_chunk(type, value);
}

// Chunks padded, checksum right.
inline SctpBytes sctp_packet(const std::vector<SctpBytes>& chunks, uint32_t tag = 0x0a0b'0c0d) {
  SctpBytes out(kSctpHeaderSize);
  ByteWriter writer(out);
  writer.u16(kSctpPort);
  writer.u16(kSctpPort);
  writer.u32(tag);
  for (const SctpBytes& chunk : chunks) {
    out.insert(out.end(), chunk.begin(), chunk.end());
    while (out.size() % 4 != 0) out.push_back(0);
  }
  set_sctp_checksum(out);
  return out;
}

}  // namespace swarmcast::transport
