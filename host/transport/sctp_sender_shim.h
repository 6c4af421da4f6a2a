// Keeps our own congestion control from seeing losses (the receiver shim is for the peer's): a
// SACK with gaps is rewritten to one that acknowledges everything, and the peer is told by a
// FORWARD-TSN (RFC 3758) of ours to wait no longer. Nothing is sent again, so all that we send
// must be messages of one chunk, unordered, that may be lost.
//
// Nor does it see silences: when a burst of losses takes all SACKs, or all that they would be for,
// everything sent so far is acknowledged by a SACK of our own making. Else the window, or the send
// buffer, fills up, a lone packet is sent after each time-out, which the burst may take as well,
// and the window is all but closed for long after.
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
  using Sack = Bytes<kSctpHeaderSize + SctpSack::kFixedSize>;

  // Ticks without a SACK for what is under way until our own stands in for it, at each tick until
  // one comes: many times what passes between two SACKs of a stream, and far from a time-out. On a
  // path that is longer the first messages are acknowledged early, which does no harm.
  static constexpr uint32_t kSilentTicks = 3;

  // A packet that our stack sends.
  void on_sent(ByteSpan packet);
  // A packet on its way to our stack, acceptable (sctp_packet.h). Rewrites its SACKs in place and
  // cuts `packet` if they get shorter; its checksum is then wrong and true is returned.
  bool on_received(MutableByteSpan& packet);
  // After on_received(): the whole packet that tells the peer to wait no longer, if one is due. The
  // span is valid until the next call.
  std::optional<ByteSpan> forward_tsn();
  // Every 25 ms. Gives a packet for our stack to get as if the peer had sent it, if one is due.
  std::optional<Sack> on_tick();

 private:
  // Chunks that must have arrived above a missing one before the peer is told to give it up: fewer
  // would cost it chunks that are only out of order.
  static constexpr uint32_t kChunksAboveGap = 3;
  // The same FORWARD-TSN goes out again after so many SACKs that show it was lost.
  static constexpr int kSacksBeforeRepeat = 16;

  // Bytes, the peer's receive window until it has told it: no browser has less.
  static constexpr uint32_t kAssumedWindow = 128 * 1'024;

  void note_sack(const SctpChunk& chunk);
  bool hide_gaps(MutableByteSpan& packet, const SctpChunk& chunk);
  void give_up(uint32_t cumulative);

  Bytes<kSctpHeaderSize + kForwardTsnSize> forward_{};  // ports and tag as our stack writes them
  bool established_ = false;
  uint32_t highest_sent_ = 0;
  std::optional<uint32_t> must_arrive_;  // the latest TSN of a message that may not be lost
  std::optional<uint32_t> given_up_;     // up to here, as the peer was told last
  int repeats_ = 0;
  bool due_ = false;

  Sack own_sack_{};  // ports and tag as the peer writes them
  uint32_t window_ = kAssumedWindow;
  uint32_t told_ = 0;          // the highest TSN that the peer has acknowledged
  uint32_t acknowledged_ = 0;  // the same, or what we have in its place
  uint32_t silent_ = 0;        // ticks with something under way
};

}  // namespace swarmcast::transport
