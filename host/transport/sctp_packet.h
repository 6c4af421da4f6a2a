// SCTP packets (RFC 9260, 3): taken apart and checked, nothing kept. What the shims and the
// association need to know of a packet before or after the library has it.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/byte_io.h"
#include "engine/base/bytes.h"

namespace swarmcast::transport {

// Serial number arithmetic (RFC 1982): TSNs wrap.
constexpr bool tsn_after(uint32_t a, uint32_t b) { return static_cast<int32_t>(a - b) > 0; }

//   0             2             4                  8
//   | source port | destination | verification tag | CRC32c, little-endian | chunks ...
inline constexpr size_t kSctpHeaderSize = 12;
inline constexpr size_t kSctpTagOffset = 4;
inline constexpr uint16_t kSctpPort = 5'000;  // both ends' (RFC 8831)

//   0      1       2        4
//   | type | flags | length | value, padded to a multiple of four ...
struct SctpChunk {
  enum Type : uint8_t {
    kData = 0,
    kInit = 1,
    kInitAck = 2,
    kSack = 3,
    kHeartbeat = 4,
    kHeartbeatAck = 5,
    kAbort = 6,
    kShutdown = 7,
    kShutdownAck = 8,
    kError = 9,
    kCookieEcho = 10,
    kCookieAck = 11,
    kShutdownComplete = 14,
    kForwardTsn = 192,  // RFC 3758
  };
  static constexpr size_t kHeaderSize = 4;

  uint8_t type = 0;
  uint8_t flags = 0;
  size_t offset = 0;  // in the packet
  ByteSpan bytes;     // header and all, without the padding
};

//   DATA: 4     8        10       12     16
//   ...   | TSN | stream | number | PPID | payload ...
struct SctpData {
  static constexpr uint8_t kEnd = 1, kBegin = 2, kUnordered = 4;
  static constexpr size_t kHeaderSize = 16;
  uint32_t tsn = 0;
  uint32_t ppid = 0;
  bool begins = false;  // the first fragment of its message
  bool unordered = false;
};

//   SACK: 4            8        12            14            16
//   ...   | cumulative | window | gaps g u16  | duplicates d | g x (start u16, end u16) | d x u32
struct SctpSack {
  static constexpr size_t kFixedSize = 16;
  struct Gap {  // of TSNs that have arrived, counted from the cumulative one
    uint16_t start = 0, end = 0;
  };
  uint32_t cumulative = 0;
  uint16_t gaps = 0;
  Gap gap(size_t i) const {
    ByteReader reader(blocks.subspan(4 * i));
    const uint16_t start = reader.u16();
    return {start, reader.u16()};
  }
  ByteSpan blocks;
};

// Cuts a packet into chunks; ends early at one that does not fit.
class SctpChunks {
 public:
  explicit SctpChunks(ByteSpan packet) : packet_(packet) {}
  std::optional<SctpChunk> next();
  bool at_end() const { return at_ == packet_.size(); }  // nothing is left over

 private:
  ByteSpan packet_;
  size_t at_ = kSctpHeaderSize;
};

// For chunks of an acceptable packet.
SctpData parse_data(const SctpChunk& chunk);
SctpSack parse_sack(const SctpChunk& chunk);

// True if the packet consists of whole chunks of the types above, each of a size its type can
// have: the only ones that the library gets to see. What we do not announce (I-DATA, RE-CONFIG,
// ASCONF, AUTH, packet drop reports) has no way in.
bool is_acceptable_sctp(ByteSpan packet);

// True if the packet asks for a new association: one INIT, checksum and all.
bool is_sctp_init(ByteSpan packet);

// Whether this INIT or INIT ACK says that FORWARD-TSN is understood (RFC 3758, 3.1; RFC 5061,
// 4.2.7). nullopt if the packet is neither.
std::optional<bool> announces_forward_tsn(ByteSpan packet);

// CRC32c over the packet, with its checksum field taken as zero.
uint32_t sctp_checksum(ByteSpan packet);
bool has_sctp_checksum(ByteSpan packet);
void set_sctp_checksum(MutableByteSpan packet);

//   FORWARD-TSN: | 192 | 0 | 8 | new cumulative TSN |
inline constexpr size_t kForwardTsnSize = 8;
void write_forward_tsn(ByteWriter& writer, uint32_t cumulative);
// Puts one before the first DATA chunk of the packet that fills the first `size` bytes of `buffer`,
// which has room for it. Gives the longer packet, whose checksum is now wrong.
MutableByteSpan insert_forward_tsn(MutableByteSpan buffer, size_t size, uint32_t cumulative);

}  // namespace swarmcast::transport
