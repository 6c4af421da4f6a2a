// One link of the native transport, from the first packet on.
#pragma once

#include <memory>
#include <optional>

#include "engine/base/ids.h"
#include "host/transport/dial_credentials.h"
#include "host/transport/dtls_session.h"
#include "host/transport/ice_lite.h"
#include "host/transport/native_limits.h"
#include "host/transport/sctp_association.h"
#include "host/transport/udp_socket.h"

namespace swarmcast::transport {

class NativeLink;

// What comes of a link's data channels, not always while one of its records is being handled: SCTP
// has timers of its own. The link may be destroyed from within.
class DataChannelEvents {
 public:
  virtual ~DataChannelEvents() = default;
  virtual void on_channel_message(NativeLink& link, ByteSpan message) = 0;
  virtual void on_channels_closed(NativeLink& link) = 0;
  virtual void on_channel_output() = 0;  // a datagram has been queued
};

// A neighbour that speaks first and begins with SCTP gets data channels; all others exchange
// messages as they are.
class NativeLink final : public DatagramSink, private SctpEvents {
 public:
  // What all links of a transport share; outlives them.
  struct Shared {
    Loop& loop;
    DataChannelEvents& channel_events;
    UdpSocket& socket;
    DtlsContext& dtls;
    IceLite& ice;
    const NativeLimits& limits;
    TransportStats& stats;
  };

  // A link that we dial; `id` is the caller's. Sends the first packets.
  static std::unique_ptr<NativeLink> dial(const Shared& shared, LinkId id, const Contact& contact,
                                          const DialCredentials& credentials, Instant now);
  // A link that a stranger has asked for with a valid STUN request.
  static std::unique_ptr<NativeLink> accept(const Shared& shared, const Path& path,
                                            const DialCredentials& credentials, Instant now);

  LinkId id() const { return id_; }
  void set_id(LinkId id) { id_ = id; }
  bool ours() const { return ours_; }
  bool up() const { return dtls_ != nullptr && dtls_->up(); }
  const Path& path() const { return path_; }
  const DialCredentials& credentials() const { return credentials_; }
  DtlsSession* dtls() { return dtls_.get(); }

  // One datagram from the neighbour's address, of whatever value: raises what we may answer.
  void credit(size_t bytes, Instant now);
  // Something authentic came: at `now`, or in a record from this path, where it has moved to.
  void heard(Instant now) { heard_ = now; }
  void move_to(const Path& path) { path_ = path; }

  // Takes a DTLS record; the listener's session begins with a ClientHello.
  DtlsSession::Event receive(const DtlsRecord& record, ByteSpan& message, Instant now);
  // Whether a message that is not SCTP is one of ours: not on a link with data channels.
  bool take_plain_message();
  // Takes the SCTP packet of a record. False if it is not for us: only who dialled us may begin
  // with it, and only by asking for an association.
  bool take_sctp(ByteSpan packet);
  // False if the message cannot be sent now: it is lost.
  bool send(Lane lane, ByteSpan message);
  void say_goodbye();
  void answer_stun(ByteSpan answer) { transmit(answer); }
  void send_datagram(ByteSpan datagram) override;  // for the DTLS session
  // True if this is the answer to our STUN request.
  bool take_stun_answer(ByteSpan datagram);

  // When on_timer() has something to do, while the link is not up.
  Instant next_timer() const;
  // nullopt as long as the link may live. Sends again what got no answer.
  std::optional<DownReason> on_timer(Instant now);
  // For a link that is up, about once a second: the same, and keeps the path open.
  std::optional<DownReason> on_tick(Instant now);

 private:
  NativeLink(const Shared& shared, const Path& path, const DialCredentials& credentials,
             Instant now);
  struct ToDtls final : DatagramSink {
    explicit ToDtls(NativeLink& owner) : link(owner) {}
    void send_datagram(ByteSpan packet) override;
    NativeLink& link;
  };
  void on_open() override {}  // the dialler speaks first
  void on_message(Lane lane, ByteSpan message) override;
  void on_closed() override;

  bool begin_session(const DtlsRecord& record);
  void ask(Instant now);
  void note_dtls_timeout(Instant now);
  void transmit(ByteSpan datagram);
  bool may_answer(size_t bytes) const;

  const Shared& shared_;
  LinkId id_;
  bool ours_ = false;
  Path path_;
  DialCredentials credentials_;
  std::unique_ptr<DtlsSession> dtls_;
  ToDtls to_dtls_{*this};
  std::unique_ptr<SctpAssociation> sctp_;
  bool plain_ = false;  // a message that was not SCTP has come
  Bytes<32> client_random_{};
  int sessions_begun_ = 0;

  Instant deadline_;  // of the time before the link is up
  Instant heard_;
  bool sent_ = false;  // since the last tick
  Instant last_sent_;
  uint64_t received_ = 0;  // bytes, before the link is up
  uint64_t answered_ = 0;
  size_t last_flight_ = 0;        // size of what a retransmission will repeat
  bool awaiting_credit_ = false;  // a retransmission is due, but not yet allowed

  StunTransaction transaction_{};
  uint64_t tie_breaker_ = 0;
  Instant next_ask_ = Instant::never();
  Duration ask_again_;
  Instant dtls_timeout_ = Instant::never();
  int retransmissions_ = 0;
};

}  // namespace swarmcast::transport
