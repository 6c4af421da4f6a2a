#include "host/transport/demux.h"

#include "engine/base/byte_io.h"

namespace swarmcast::transport {

PacketKind classify(ByteSpan datagram) {
  if (datagram.empty()) return PacketKind::kOther;
  const uint8_t first = datagram[0];
  if (first <= 3) return PacketKind::kStun;
  return first >= 20 && first <= 63 ? PacketKind::kDtls : PacketKind::kOther;
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
