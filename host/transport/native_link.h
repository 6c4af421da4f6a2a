// One link of the native transport, from the first packet on.
#pragma once

#include <memory>
#include <optional>

#include "engine/base/ids.h"
#include "host/transport/dial_credentials.h"
#include "host/transport/dtls_session.h"
#include "host/transport/ice_lite.h"
#include "host/transport/native_limits.h"
#include "host/transport/udp_socket.h"

namespace swarmcast::transport {

class NativeLink final : public DatagramSink {
 public:
  // What all links of a transport share; outlives them.
  struct Shared {
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
  // Sends a message, or counts it as unsent.
  bool send(ByteSpan message);
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
