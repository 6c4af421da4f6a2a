// One SCTP association (RFC 9260) over one DTLS session, with the two data channels of a link
// (RFC 8831; spec/data-channels.md): what browsers speak, and natives behind NATs. Messages are
// unordered and never sent again by SCTP. Its congestion control, which would stall media on a
// lossy path, is kept from seeing losses (sctp_receiver_shim.h, sctp_sender_shim.h,
// sctp_late_acks.h): whoever sends has to control congestion itself.
//
//   auto sctp = SctpAssociation::create(&loop, {.dtls_client = true}, sink, events);
//   sctp->receive(plaintext of a DTLS record that begins with kSctpFirstByte);
//   sctp->send(Lane::kMedia, message);   // after on_open()
#pragma once

#include <memory>

#include "engine/base/bytes.h"
#include "engine/base/time.h"
#include "host/loop/loop.h"
#include "host/transport/dtls_session.h"
#include "host/transport/link.h"

namespace swarmcast::transport {

// No SCTP packet of ours exceeds this: with DTLS around it a datagram stays under 1,280 bytes.
inline constexpr size_t kMaxSctpPacket = kMaxDtlsMessage;

struct SctpOptions {
  // By role the ids of channels that one opens itself (RFC 8832, 6): the client's are even.
  bool dtls_client = false;
  // A relayed path has longer time-outs.
  PathKind path = PathKind::kDirect;
  // False: the channels are there by agreement, as between our own nodes and pages; channels that
  // the peer opens are served instead if it opens any. True: this side opens them (DCEP).
  bool open_channels = false;
  // Off in tests that show what they are for.
  bool receiver_shim = true;
  bool sender_shim = true;
  bool late_acks = true;
};

struct SctpStats {
  uint64_t packets_in = 0;
  uint64_t packets_out = 0;
  uint64_t malformed = 0;    // packets no stack of ours would have to understand; dropped
  uint64_t refused = 0;      // messages too long, or of a kind that is not ours; dropped
  uint64_t unsent = 0;       // send() had no room
  uint64_t gaps_closed = 0;  // by the receiver shim
  uint64_t gaps_hidden = 0;  // by the sender shim
};

// Called from receive(), from the loop's timer, never from within send() or close(). The
// association may be destroyed from within.
class SctpEvents {
 public:
  virtual ~SctpEvents() = default;
  virtual void on_open() = 0;  // once; send() works from now on
  // 1..kMaxMessageSize bytes, borrowed for the call. A lane is a hint: a peer that opens one
  // channel of its own uses it for everything.
  virtual void on_message(Lane lane, ByteSpan message) = 0;
  // The peer is gone, or has closed the association; also if it was never open. Once, and not
  // after close().
  virtual void on_closed() = 0;
};

class SctpAssociation {
 public:
  // `out` takes packets of at most kMaxSctpPacket bytes, to be sent as DTLS application data; it
  // may call receive() of another association, not of this one. Both outlive the association. The
  // first packet leaves at once; the peer may do the same (RFC 9260, 5.2.1). `loop` null: time
  // passes by advance() only.
  static std::unique_ptr<SctpAssociation> create(Loop* loop, const SctpOptions& options,
                                                 DatagramSink& out, SctpEvents& events);
  virtual ~SctpAssociation() = default;  // sends nothing

  // One packet, of whatever content.
  virtual void receive(ByteSpan packet) = 0;
  // One message of 1..kMaxMessageSize bytes. False if the association is not open, or has as much
  // on its way as it may: then the message is lost.
  virtual bool send(Lane lane, ByteSpan message) = 0;
  // Tells the peer that it is over (ABORT). A single channel is never closed.
  virtual void close() = 0;

  virtual bool open() const = 0;
  virtual const SctpStats& stats() const = 0;

  // Lets time pass for all associations that have no loop.
  static void advance(Duration elapsed);
};

}  // namespace swarmcast::transport
