// Native links: DTLS over one UDP port that both listens and dials, so that the address a
// neighbour sees is one that others can dial. Application data is the engine's messages as they
// are, one a record: no SCTP, whose congestion control would stall media. A browser dials the same
// port by a fabricated answer and speaks SCTP over DTLS: then the messages are those of its data
// channels (spec/data-channels.md). Either way the link is up when DTLS is: the dialler speaks
// first, so that the listener knows which it is before it has anything to say.
//
// Set-up, with the dialler's first flight in one go (2 round trips to up at the dialler, 1.5 at
// the listener):
//
//   dialler                                listener
//     STUN request, ClientHello   ->
//                                 <-   STUN answer, ServerHello .. ServerHelloDone
//     Certificate .. Finished     ->   up
//   up                            <-   Finished
//
// The dialler accepts the one certificate that the Contact names; the listener accepts any and
// reports it. Who the peers are is proven inside, by the engine, bound to both certificates.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "host/loop/loop.h"
#include "host/transport/early_flights.h"
#include "host/transport/link.h"
#include "host/transport/link_table.h"
#include "host/transport/native_link.h"

namespace swarmcast::transport {

class NativeTransport final : private DataChannelEvents {
 public:
  // Methods are those of Transport. All arguments but `secret` and `limits` must outlive the
  // transport.
  NativeTransport(Loop& loop, const CryptoProvider& crypto, const SwarmSecret& secret,
                  LinkEvents& events, const NativeLimits& limits = {});
  // Says goodbye on every link. No callbacks.
  ~NativeTransport() override;

  std::optional<std::string> listen(const Endpoint& where);
  Endpoint local_endpoint() const { return socket_.local(); }
  const Fingerprint& fingerprint() const { return dtls_.listener_fingerprint(); }
  void dial(LinkId link, const Contact& contact);
  bool send(LinkId link, Lane lane, ByteSpan message);
  void flush();
  void close(LinkId link);
  const TransportStats& stats() const { return stats_; }

  size_t half_open() const { return links_.half_open(); }
  // Of all sessions of this node: prepared links share it.
  DtlsContext& dtls() { return dtls_; }

 private:
  class Busy;

  void on_readable();
  void on_datagram(const Path& path, MutableByteSpan datagram);
  void on_stun_request(const Path& path, ByteSpan datagram);
  void on_stun_answer(const Path& path, ByteSpan datagram);
  bool admit(const Path& path, const DialCredentials& credentials, size_t bytes);
  void on_dtls(const Path& path, MutableByteSpan datagram);
  bool give(NativeLink& link, const DtlsRecord& record);
  void give_half_open(NativeLink& link, const DtlsRecord& record);
  bool try_move(const Path& path, const DtlsRecord& record);
  void deliver(NativeLink& link, ByteSpan message);
  void on_channel_message(NativeLink& link, ByteSpan message) override;
  void on_channels_closed(NativeLink& link) override;
  void on_channel_output() override;

  void on_timer();
  void on_ticks();
  void schedule();
  void promote(NativeLink& link);
  void end(NativeLink& link, DownReason reason);
  void fail_later(LinkId link, DownReason reason);

  Loop& loop_;
  const CryptoProvider& crypto_;
  SwarmSecret secret_;
  LinkEvents& events_;
  const NativeLimits limits_;
  TransportStats stats_;
  UdpSocket socket_{stats_};
  DtlsContext dtls_;
  IceLite ice_;
  const NativeLink::Shared shared_{loop_, *this, socket_, dtls_, ice_, limits_, stats_};
  EarlyFlights early_;

  LinkTable links_;  // what is unused is freed when no callback can be in it
  std::vector<std::pair<LinkId, DownReason>> failed_;
  uint32_t next_inbound_ = 1;

  Instant now_;      // of the event in progress
  Instant arrived_;  // of the datagram in progress
  int busy_ = 0;
  bool sending_ = false;  // the caller will flush
  Instant next_tick_ = Instant::never();
  size_t trials_ = 0;  // in the current tick
  Loop::Timer timer_;
  std::unique_ptr<Loop::FdWatch> watch_;
};

}  // namespace swarmcast::transport
