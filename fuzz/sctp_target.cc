#include <algorithm>
#include <array>

#include "engine/base/check.h"
#include "fuzz/targets.h"
#include "host/transport/dcep.h"
#include "host/transport/sctp_packets_for_test.h"
#include "host/transport/sctp_receiver_shim.h"
#include "host/transport/sctp_sender_shim.h"
#include "host/transport/udp_socket.h"

namespace swarmcast::fuzz {

using namespace transport;  // NOLINT(google-build-using-namespace): all of it is that room's

const std::vector<std::vector<uint8_t>>& genuine_sctp_packets() {
  static const std::vector<std::vector<uint8_t>> packets = {
      sctp_packet({init_chunk(SctpChunk::kInit, 100, true)}, 0),
      sctp_packet({sack_chunk(0xffff'fffe, {{2, 4}, {6, 6}}, 1)}),
      sctp_packet({sack_chunk(100, {}), data_chunk(101, {.payload = 20})}),
      sctp_packet({data_chunk(104, {}), data_chunk(105, {}), data_chunk(106, {})}),
      sctp_packet({data_chunk(101, {.ppid = kDcepPpid})}),
  };
  return packets;
}

// The same packet in both roles, before and after the shims are at work.
void sctp(ByteSpan packet) {
  SctpReceiverShim receiver;
  SctpSenderShim sender;
  receiver.on_user_message();
  for (int round = 0; round < 2; ++round) {
    receiver.on_sent(packet);
    sender.on_sent(packet);
    announces_forward_tsn(packet);
    is_sctp_init(packet);
    if (!is_acceptable_sctp(packet) || packet.size() > kMaxDatagramSize) continue;
    std::array<uint8_t, kMaxDatagramSize + kForwardTsnSize> buffer;
    std::ranges::copy(packet, buffer.begin());
    MutableByteSpan changed = MutableByteSpan(buffer).first(packet.size());
    const auto forward = receiver.on_received(changed);
    sender.on_received(changed);
    SWARMCAST_CHECK(is_acceptable_sctp(changed) && changed.size() <= packet.size());
    if (const auto told = sender.forward_tsn()) SWARMCAST_CHECK(is_acceptable_sctp(*told));
    if (const auto own = sender.on_tick()) SWARMCAST_CHECK(is_acceptable_sctp(*own));
    if (!forward) continue;
    const auto longer = insert_forward_tsn(buffer, changed.size(), *forward);
    SWARMCAST_CHECK(is_acceptable_sctp(longer));
  }
}

const std::vector<std::vector<uint8_t>>& genuine_dceps() {
  static const std::vector<std::vector<uint8_t>> messages = {
      write_dcep(ChannelOpen{.label = "media", .protocol = "any"}),
      write_dcep(ChannelOpen{.channel_type = 0}), write_dcep(ChannelAck{})};
  return messages;
}

void dcep(ByteSpan message) {
  const auto parsed = parse_dcep(message);
  if (!parsed) return;
  const auto written = std::visit([](const auto& m) { return write_dcep(m); }, *parsed);
  SWARMCAST_CHECK(equal(written, message));
}

}  // namespace swarmcast::fuzz
