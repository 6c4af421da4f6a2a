#include "host/transport/dcep.h"

#include "engine/base/byte_io.h"

namespace swarmcast::transport {
namespace {

constexpr uint8_t kAck = 0x02;
constexpr uint8_t kOpen = 0x03;
constexpr size_t kOpenFixedSize = 12;
constexpr uint8_t kLastChannelType = 0x02;  // reliable, so often, so long

std::string_view as_text(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

ByteSpan as_bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace

std::optional<DcepMessage> parse_dcep(ByteSpan message) {
  ByteReader reader(message);
  const uint8_t type = reader.u8();
  if (type == kAck && reader.finished()) return ChannelAck{};
  ChannelOpen open;
  open.channel_type = reader.u8();
  open.priority = reader.u16();
  open.reliability = reader.u32();
  const size_t label_size = reader.u16();
  const size_t protocol_size = reader.u16();
  open.label = as_text(reader.bytes(label_size));
  open.protocol = as_text(reader.bytes(protocol_size));
  const uint8_t kind = open.channel_type & static_cast<uint8_t>(~ChannelOpen::kUnorderedChannel);
  if (type != kOpen || !reader.finished() || kind > kLastChannelType) return std::nullopt;
  return open;
}

std::vector<uint8_t> write_dcep(const ChannelOpen& open) {
  std::vector<uint8_t> out(kOpenFixedSize + open.label.size() + open.protocol.size());
  ByteWriter writer(out);
  writer.u8(kOpen);
  writer.u8(open.channel_type);
  writer.u16(open.priority);
  writer.u32(open.reliability);
  writer.u16(open.label.size());
  writer.u16(open.protocol.size());
  writer.bytes(as_bytes(open.label));
  writer.bytes(as_bytes(open.protocol));
  return out;
}

}  // namespace swarmcast::transport
