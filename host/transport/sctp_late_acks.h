// Keeps the far sender from stalling in a burst of losses, by having its congestion window grow
// beyond what it needs before one comes. The window grows while it is full, and so just holds what
// a round trip holds: a burst of that length, of messages or of the SACKs for them, fills it with
// what nobody acknowledges, and the sender waits for its timer, of 400 ms at least and doubled each
// time, to try with a single packet, which the same burst may take.
//
// For a while our SACKs lag behind, by ever more messages, until the sender has learnt to have that
// many more under way; then they lag no more. Nothing waits for it. A SACK that shows a gap would
// tell it all that has arrived, and nothing new would follow until the others have caught up: the
// first ones at each gap show none, as SctpReceiverShim is about to close it. And where a stream
// falls silent, the last SACK is repeated: perhaps it is SACKs that were lost.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/bytes.h"
#include "host/transport/sctp_packet.h"

namespace swarmcast::transport {

class SctpLateAcks {
 public:
  using Packet = Bytes<kSctpHeaderSize + SctpSack::kFixedSize>;

  // Packets that the sender learns to have under way more than a round trip holds.
  static constexpr uint32_t kReserve = 64;
  // SACKs until they lag by one more: in slow start each lets the window grow by a packet, after
  // that a whole window of them does (RFC 9260, 7.2).
  static constexpr uint32_t kSlowStartStep = 4;
  static constexpr uint32_t kAvoidanceStep = 64;

  // A packet on its way to our stack, acceptable (sctp_packet.h).
  void on_received(ByteSpan packet);
  // A packet that our stack sends. May change its SACK, and then its checksum is wrong.
  void on_sent(MutableByteSpan packet);
  // Every 25 ms. Gives a packet to send, if one is due.
  std::optional<Packet> on_tick();

 private:
  // Chunks in a row that come whole, as a sign that the window is not full just now.
  static constexpr uint32_t kSlowStartCalm = 8;
  static constexpr uint32_t kAvoidanceCalm = 128;
  // Ticks by which a SACK may be late: the timer must not fire over it.
  static constexpr uint32_t kLatest = 10;
  // SACKs after which the lesson ends, learnt or not, in terms of those that it takes: a window
  // that the size of our buffer limits grows no further.
  static constexpr uint32_t kPatience = 2 * kReserve;
  // A stream that needs more than what was learnt, and this part of it, is another one: it learns
  // from the start. Less is a hold-up somewhere.
  static constexpr uint32_t kHurry = 4;
  // A stream is a chunk a tick, averaged over about so many.
  static constexpr uint32_t kMemory = 16;
  // SACKs that show no gap until the cumulative TSN advances: more than the receiver shim needs.
  static constexpr uint32_t kHiddenGaps = 4;
  // Silent ticks in which the last SACK is repeated, about until the sender's timer fires.
  static constexpr uint32_t kRepeats = 16;

  void learn();
  void adapt(ByteSpan header, const SctpSack& sack, MutableByteSpan chunk);
  void tell(uint32_t cumulative, MutableByteSpan sack);
  void hide_gaps(MutableByteSpan sack) const;
  uint32_t most() const;
  uint32_t step() const { return was_cut_ ? kAvoidanceStep : kSlowStartStep; }
  void start_again();

  uint32_t lag_ = 0;      // of the lesson under way
  uint32_t learnt_ = 0;   // the lag at the end of the last one
  uint32_t sacks_ = 0;    // of the lesson
  uint32_t whole_ = 0;    // chunks in a row
  bool was_cut_ = false;  // the window, by the sender's timer
  uint32_t hidden_ = 0;   // SACKs since the cumulative TSN has last advanced
  std::optional<uint32_t> cumulative_, told_;
  Packet last_{};  // SACK, without what it said of gaps

  uint32_t chunks_ = 0;   // since the last tick
  uint32_t average_ = 0;  // of chunks a tick, times kMemory
  uint32_t silent_ = 0;   // ticks
};

}  // namespace swarmcast::transport
