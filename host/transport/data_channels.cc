#include "host/transport/data_channels.h"

#include "host/transport/dcep.h"

namespace swarmcast::transport {
namespace {

constexpr uint32_t bit(uint16_t stream) { return uint32_t{1} << stream; }

}  // namespace

DataChannels::DataChannels(bool opens, bool dtls_client) : opens_(opens) {
  const uint16_t odd = opens && !dtls_client ? 1 : 0;
  own_media_ = opens ? odd : kMediaStream;
  own_control_ = opens ? static_cast<uint16_t>(odd + 2) : kControlStream;
  if (opens) awaited_ = bit(own_media_) | bit(own_control_);
}

std::vector<DataChannels::Message> DataChannels::openings() const {
  if (!opens_) return {};
  return {{own_media_, write_dcep(ChannelOpen{.label = kMediaLabel})},
          {own_control_, write_dcep(ChannelOpen{.label = kControlLabel})}};
}

std::optional<DataChannels::Message> DataChannels::receive(uint16_t stream, ByteSpan dcep) {
  const auto message = parse_dcep(dcep);
  if (!message || stream >= kMaxStreams) return std::nullopt;
  const auto* open = std::get_if<ChannelOpen>(&*message);
  if (open == nullptr) {
    awaited_ &= ~bit(stream);
    return std::nullopt;
  }
  if ((opened_ & bit(stream)) != 0) return std::nullopt;
  opened_ |= bit(stream);
  keeps_order_ = keeps_order_ || !open->unordered();
  if (open->label == kControlLabel) {
    peer_control_ = stream;
  } else if (!peer_media_ || open->label == kMediaLabel) {
    peer_media_ = stream;
  }
  return Message{stream, write_dcep(ChannelAck{})};
}

uint16_t DataChannels::stream(Lane lane) const {
  const bool control = lane == Lane::kControl;
  if (!opens_) {
    for (const auto& stream :
         {control ? peer_control_ : peer_media_, control ? peer_media_ : peer_control_}) {
      if (stream) return *stream;
    }
  }
  return control ? own_control_ : own_media_;
}

Lane DataChannels::lane(uint16_t stream) const {
  return stream == (peer_control_ ? *peer_control_ : own_control_) ? Lane::kControl : Lane::kMedia;
}

}  // namespace swarmcast::transport
