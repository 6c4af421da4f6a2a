// Keeps the far sender's congestion control from seeing losses: it would halve its window at each,
// and carry less than a tenth of a stream at 5 % loss. When a few DATA chunks have arrived above a
// gap, the gap is closed by a FORWARD-TSN (RFC 3758) that the peer never sent, put into the packet
// before our own stack has it: its SACKs then show no gap, and nothing is sent again.
//
// What it takes away is SCTP's reliability, for the whole association. It begins only when our
// stack has received everything up to a message of the user's, so that the openings of channels
// that went before have all arrived.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>

#include "engine/base/bytes.h"

namespace swarmcast::transport {

class SctpReceiverShim {
 public:
  // DATA chunks above a gap that close it. A sender that counts three reports of a missing chunk
  // (RFC 9260, 7.2.4) has then seen two. Fewer would take chunks out of order for lost: when every
  // twentieth packet is 5 ms late in a stream of 4.4 Mbit/s, 1 and 2 lose 5 % of it and 3 nothing;
  // 8 stalls at 1 % loss.
  static constexpr int kChunksAboveGap = 3;

  // A packet that our stack sends. Only its SACK matters: what has arrived, as the stack sees it.
  void on_sent(ByteSpan packet);
  // A packet on its way to our stack, acceptable (sctp_packet.h). If a FORWARD-TSN is to go before
  // its DATA, gives its cumulative TSN.
  std::optional<uint32_t> on_received(ByteSpan packet);
  // A message of the user's has been delivered.
  void on_user_message() { user_message_ = true; }
  // Nothing is skipped any more.
  void disable() { enabled_ = false; }

 private:
  // TSNs above the cumulative one that are told apart. A gap that lies further back than that is
  // left to SCTP.
  static constexpr uint32_t kWindow = 1'024;

  void note(uint32_t tsn, bool begins);
  std::optional<uint32_t> skip();
  void advance();
  void move_to(uint32_t cumulative);

  bool enabled_ = true;
  bool user_message_ = false;
  bool running_ = false;
  uint32_t cumulative_ = 0;  // all up to here have arrived, or are given up
  uint32_t highest_ = 0;
  uint32_t above_ = 0;            // how many have arrived above the cumulative one
  std::bitset<kWindow> arrived_;  // by the TSN's low bits, above the cumulative one only
  std::bitset<kWindow> begins_;   // of these, the ones that begin a message
};

}  // namespace swarmcast::transport
