#include "host/transport/demux.h"

#include "engine/base/byte_io.h"

namespace swarmcast::transport {

PacketKind classify(ByteSpan datagram) {
  if (datagram.empty()) return PacketKind::kOther;
  const uint8_t first = datagram[0];
  if (first <= 3) return PacketKind::kStun;
  return first >= 20 && first <= 63 ? PacketKind::kDtls : PacketKind::kOther;
}

//   0      1        4             6                 9                 12
//   | type | length | message seq | fragment offset | fragment length | version 2 | random 32 ...
ByteSpan client_random(const DtlsRecord& record) {
  constexpr uint8_t kClientHello = 1;
  if (record.type != DtlsRecord::kHandshake || record.epoch != 0) return {};
  ByteReader reader(record.fragment());
  const uint8_t type = reader.u8();
  reader.u24();
  const uint16_t message = reader.u16();
  const uint32_t offset = reader.u24();
  reader.u24();
  reader.u16();
  const ByteSpan random = reader.bytes(32);
  return type == kClientHello && message == 0 && offset == 0 ? random : ByteSpan();
}

std::optional<DtlsRecord> next_record(MutableByteSpan& datagram) {
  ByteReader reader(datagram);
  DtlsRecord record;
  record.type = reader.u8();
  const uint16_t version = reader.u16();
  record.epoch = reader.u16();
  record.sequence = uint64_t{reader.u16()} << 32;
  record.sequence |= reader.u32();
  const size_t size = reader.u16();
  reader.bytes(size);
  const bool known = record.type >= DtlsRecord::kChangeCipherSpec &&
                     record.type <= DtlsRecord::kData && version >> 8 == 0xfe;
  if (!reader.ok() || !known) {
    datagram = {};
    return std::nullopt;
  }
  record.bytes = datagram.first(kRecordHeaderSize + size);
  datagram = datagram.subspan(record.bytes.size());
  return record;
}

}  // namespace swarmcast::transport
