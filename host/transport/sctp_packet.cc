#include "host/transport/sctp_packet.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace swarmcast::transport {
namespace {

constexpr size_t kChecksumOffset = 8;
constexpr size_t kChecksumSize = 4;
constexpr size_t kInitFixedSize = 20;
constexpr size_t kParameterHeaderSize = 4;
constexpr uint16_t kForwardTsnSupported = 0xc000;
constexpr uint16_t kSupportedExtensions = 0x8008;
constexpr uint32_t kCrc32cPolynomial = 0x82f6'3b78;  // Castagnoli's, reflected

constexpr size_t padded(size_t size) { return (size + 3) & ~size_t{3}; }

// Four tables: four bytes a step.
using CrcTables = std::array<std::array<uint32_t, 256>, 4>;

constexpr CrcTables make_crc_tables() {
  CrcTables tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? kCrc32cPolynomial : 0);
    tables[0][byte] = crc;
  }
  for (size_t t = 1; t < tables.size(); ++t) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint32_t before = tables[t - 1][byte];
      tables[t][byte] = before >> 8 ^ tables[0][before & 0xff];
    }
  }
  return tables;
}

constexpr CrcTables kCrcTables = make_crc_tables();

uint32_t add_to_crc(uint32_t crc, ByteSpan bytes) {
  size_t i = 0;
  for (; i + 4 <= bytes.size(); i += 4) {
    crc ^= bytes[i] | bytes[i + 1] << 8 | bytes[i + 2] << 16 | uint32_t{bytes[i + 3]} << 24;
    crc = kCrcTables[3][crc & 0xff] ^ kCrcTables[2][crc >> 8 & 0xff] ^
          kCrcTables[1][crc >> 16 & 0xff] ^ kCrcTables[0][crc >> 24];
  }
  for (; i < bytes.size(); ++i) crc = crc >> 8 ^ kCrcTables[0][(crc ^ bytes[i]) & 0xff];
  return crc;
}

bool is_sack_size(const SctpChunk& chunk) {
  ByteReader reader(chunk.bytes);
  reader.bytes(12);
  const size_t blocks = reader.u16();
  const size_t duplicates = reader.u16();
  return reader.ok() && chunk.bytes.size() == SctpSack::kFixedSize + 4 * (blocks + duplicates);
}

bool is_acceptable(const SctpChunk& chunk) {
  const size_t size = chunk.bytes.size();
  switch (chunk.type) {
    case SctpChunk::kData:
      return size > SctpData::kHeaderSize;
    case SctpChunk::kInit:
    case SctpChunk::kInitAck:
      return size >= kInitFixedSize;
    case SctpChunk::kSack:
      return is_sack_size(chunk);
    case SctpChunk::kForwardTsn:
      return size >= kForwardTsnSize;
    case SctpChunk::kHeartbeat:
    case SctpChunk::kHeartbeatAck:
    case SctpChunk::kAbort:
    case SctpChunk::kShutdown:
    case SctpChunk::kShutdownAck:
    case SctpChunk::kError:
    case SctpChunk::kCookieEcho:
    case SctpChunk::kCookieAck:
    case SctpChunk::kShutdownComplete:
      return true;
    default:
      return false;
  }
}

// Parameters of INIT and INIT ACK: type u16, length u16, value, padded.
bool lists_forward_tsn(ByteSpan parameters) {
  ByteReader reader(parameters);
  while (reader.rest().size() >= kParameterHeaderSize) {
    const uint16_t type = reader.u16();
    const size_t length = reader.u16();
    if (length < kParameterHeaderSize) return false;
    const size_t size = length - kParameterHeaderSize;
    const ByteSpan value = reader.bytes(size);
    if (!reader.ok()) return false;
    if (type == kForwardTsnSupported) return true;
    if (type == kSupportedExtensions && std::ranges::count(value, SctpChunk::kForwardTsn) > 0) {
      return true;
    }
    reader.bytes(std::min(padded(size) - size, reader.rest().size()));
  }
  return false;
}

}  // namespace

std::optional<SctpChunk> SctpChunks::next() {
  if (packet_.size() < at_ + SctpChunk::kHeaderSize) return std::nullopt;
  ByteReader reader(packet_.subspan(at_));
  SctpChunk chunk;
  chunk.type = reader.u8();
  chunk.flags = reader.u8();
  const size_t size = reader.u16();
  if (size < SctpChunk::kHeaderSize || size > packet_.size() - at_) return std::nullopt;
  chunk.offset = at_;
  chunk.bytes = packet_.subspan(at_, size);
  at_ = std::min(at_ + padded(size), packet_.size());
  return chunk;
}

SctpData parse_data(const SctpChunk& chunk) {
  ByteReader reader(chunk.bytes.subspan(SctpChunk::kHeaderSize));
  SctpData data;
  data.tsn = reader.u32();
  reader.u32();
  data.ppid = reader.u32();
  data.begins = (chunk.flags & SctpData::kBegin) != 0;
  data.unordered = (chunk.flags & SctpData::kUnordered) != 0;
  return data;
}

SctpSack parse_sack(const SctpChunk& chunk) {
  ByteReader reader(chunk.bytes.subspan(SctpChunk::kHeaderSize));
  SctpSack sack;
  sack.cumulative = reader.u32();
  reader.u32();
  sack.gaps = reader.u16();
  reader.u16();
  sack.blocks = reader.bytes(4 * size_t{sack.gaps});
  return sack;
}

bool is_acceptable_sctp(ByteSpan packet) {
  if (packet.size() < kSctpHeaderSize + SctpChunk::kHeaderSize) return false;
  SctpChunks chunks(packet);
  size_t count = 0;
  bool alone = false;
  while (const auto chunk = chunks.next()) {
    if (!is_acceptable(*chunk)) return false;
    ++count;
    alone = alone || chunk->type == SctpChunk::kInit || chunk->type == SctpChunk::kInitAck ||
            chunk->type == SctpChunk::kShutdownComplete;
  }
  return chunks.at_end() && count > 0 && (!alone || count == 1);
}

bool is_sctp_init(ByteSpan packet) {
  return is_acceptable_sctp(packet) && SctpChunks(packet).next()->type == SctpChunk::kInit &&
         has_sctp_checksum(packet);
}

std::optional<bool> announces_forward_tsn(ByteSpan packet) {
  const auto chunk = SctpChunks(packet).next();
  if (!chunk || (chunk->type != SctpChunk::kInit && chunk->type != SctpChunk::kInitAck) ||
      chunk->bytes.size() < kInitFixedSize) {
    return std::nullopt;
  }
  return lists_forward_tsn(chunk->bytes.subspan(kInitFixedSize));
}

uint32_t sctp_checksum(ByteSpan packet) {
  constexpr Bytes<kChecksumSize> kZero{};
  uint32_t crc = ~uint32_t{0};
  crc = add_to_crc(crc, packet.first(kChecksumOffset));
  crc = add_to_crc(crc, kZero);
  return ~add_to_crc(crc, packet.subspan(kSctpHeaderSize));
}

bool has_sctp_checksum(ByteSpan packet) {
  const uint32_t crc = sctp_checksum(packet);
  for (size_t i = 0; i < kChecksumSize; ++i) {
    if (packet[kChecksumOffset + i] != static_cast<uint8_t>(crc >> 8 * i)) return false;
  }
  return true;
}

void set_sctp_checksum(MutableByteSpan packet) {
  const uint32_t crc = sctp_checksum(packet);
  for (size_t i = 0; i < kChecksumSize; ++i) {
    packet[kChecksumOffset + i] = static_cast<uint8_t>(crc >> 8 * i);
  }
}

void write_forward_tsn(ByteWriter& writer, uint32_t cumulative) {
  writer.u8(SctpChunk::kForwardTsn);
  writer.u8(0);
  writer.u16(kForwardTsnSize);
  writer.u32(cumulative);
}

MutableByteSpan insert_forward_tsn(MutableByteSpan buffer, size_t size, uint32_t cumulative) {
  SWARMCAST_CHECK(size + kForwardTsnSize <= buffer.size());
  size_t at = size;
  SctpChunks chunks(buffer.first(size));
  while (const auto chunk = chunks.next()) {
    if (chunk->type != SctpChunk::kData) continue;
    at = chunk->offset;
    break;
  }
  std::memmove(buffer.data() + at + kForwardTsnSize, buffer.data() + at, size - at);
  ByteWriter writer(buffer.subspan(at, kForwardTsnSize));
  write_forward_tsn(writer, cumulative);
  return buffer.first(size + kForwardTsnSize);
}

}  // namespace swarmcast::transport
