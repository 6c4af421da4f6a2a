// What a UDP payload on the shared port is (RFC 7983), and the records of a DTLS datagram
// (RFC 6347, 4.1).
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/bytes.h"

namespace swarmcast::transport {

enum class PacketKind { kStun, kDtls, kOther };

// By the first byte: 0..3 STUN, 20..63 DTLS.
PacketKind classify(ByteSpan datagram);

inline constexpr size_t kRecordHeaderSize = 13;

//   0      1         3       5                   11       13
//   | type | version | epoch | sequence number   | length | fragment ...
struct DtlsRecord {
  enum Type : uint8_t { kChangeCipherSpec = 20, kAlert = 21, kHandshake = 22, kData = 23 };

  uint8_t type = 0;
  uint16_t epoch = 0;
  uint64_t sequence = 0;  // 48 bits
  MutableByteSpan bytes;  // header and all
  MutableByteSpan fragment() const { return bytes.subspan(kRecordHeaderSize); }
};

// The client's random (RFC 5246, 7.4.1.2) in a record that begins a ClientHello, else empty.
ByteSpan client_random(const DtlsRecord& record);

// Cuts the next record off `datagram`; nullopt if it is empty or the rest is not a whole record.
std::optional<DtlsRecord> next_record(MutableByteSpan& datagram);

}  // namespace swarmcast::transport
