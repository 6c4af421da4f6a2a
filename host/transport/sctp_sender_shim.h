// Keeps our own congestion control from seeing losses (the receiver shim is for the peer's): a
// SACK with gaps is rewritten to one that acknowledges everything, and the peer is told by a
// FORWARD-TSN (RFC 3758) of ours to wait no longer. Nothing is sent again, so all that we send
// must be messages of one chunk, unordered, that may be lost.
//
// Until the peer has acknowledged the opening and the acknowledgement of channels, SACKs pass as
// they are: those messages must arrive.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/bytes.h"
#include "host/transport/sctp_packet.h"

namespace swarmcast::transport {

class SctpSenderShim {
 public:
  // A packet that our stack sends.
  void on_sent(ByteSpan packet);
  // A packet on its way to our stack, acceptable (sctp_packet.h). Rewrites its SACKs in place and
  // cuts `packet` if they get shorter; its checksum is then wrong and true is returned.
  bool on_received(MutableByteSpan& packet);
  // After on_received(): the whole packet that tells the peer to wait no longer, if one is due. The
  // span is valid until the next call.
  std::optional<ByteSpan> forward_tsn();

 private:
  // Chunks that must have arrived above a missing one before the peer is told to give it up: fewer
  // would cost it chunks that are only out of order.
  static constexpr uint32_t kChunksAboveGap = 3;
  // The same FORWARD-TSN goes out again after so many SACKs that show it was lost.
  static constexpr int kSacksBeforeRepeat = 16;

  bool hide_gaps(MutableByteSpan& packet, const SctpChunk& chunk);
  void give_up(uint32_t cumulative);

  Bytes<kSctpHeaderSize + kForwardTsnSize> forward_{};  // ports and tag as our stack writes them
  bool established_ = false;
  uint32_t highest_sent_ = 0;
  std::optional<uint32_t> must_arrive_;  // the latest TSN of a message that may not be lost
  std::optional<uint32_t> given_up_;     // up to here, as the peer was told last
  int repeats_ = 0;
  bool due_ = false;
};

}  // namespace swarmcast::transport
