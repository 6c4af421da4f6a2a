// One prepared link, from the first candidate on: ICE finds the path, DTLS runs over it between the
// two certificates that the descriptions name, and then messages: as raw DTLS application data
// between native nodes, else through SCTP data channels.
//
//   prepare -> gathering -> described ... both described -> pair selected -> DTLS (-> SCTP) -> up
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "host/transport/dtls_session.h"
#include "host/transport/ice_agent.h"
#include "host/transport/sctp_association.h"
#include "host/transport/turn_probe.h"
#include "host/transport/udp_socket.h"

namespace swarmcast::transport {

class IceLink final : private IceAgent::Events, private DatagramSink, private SctpEvents {
 public:
  // What becomes of a link. After on_link_down() it does nothing more, and is freed by its owner
  // later, from no callback of its own.
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void on_link_described(IceLink& link, const LinkDescription& description) = 0;
    virtual void on_link_up(IceLink& link) = 0;
    virtual void on_link_message(IceLink& link, ByteSpan message) = 0;
    virtual void on_link_down(IceLink& link, DownReason reason) = 0;
    // next_timer() is now.
    virtual void on_link_due() = 0;
  };
  // What all links of a transport share; outlives them.
  struct Shared {
    Loop& loop;
    DtlsContext& dtls;
    const TransportOptions& options;
    const IceLimits& limits;
    TransportStats& stats;
    Owner& owner;
  };

  // Begins to gather at `addresses` (not empty); asks the `turn`th STUN server.
  IceLink(const Shared& shared, LinkId id, LinkRole role, LinkCertificate certificate,
          const std::vector<Endpoint>& addresses, size_t turn, Instant now);

  LinkId id() const { return id_; }
  bool ours() const { return role_ == LinkRole::kInitiator; }
  bool up() const { return up_; }
  // Of the selected pair.
  PathKind path() const { return path_; }
  const Endpoint& remote_endpoint() const { return remote_endpoint_; }
  const Fingerprint& local_fingerprint() const { return certificate_.fingerprint(); }
  const Fingerprint& remote_fingerprint() const { return remote_.fingerprint; }

  void set_remote(const LinkDescription& description, Instant now);
  bool send(Lane lane, ByteSpan message);
  // Says goodbye if the link is up, and ends it without on_link_down().
  void close();

  Instant next_timer() const;
  void on_timer(Instant now);

 private:
  // What SCTP wants sent is DTLS application data.
  class SctpOut final : public DatagramSink {
   public:
    explicit SctpOut(IceLink& link) : link_(link) {}
    void send_datagram(ByteSpan packet) override { link_.dtls_->send(packet); }

   private:
    IceLink& link_;
  };

  void on_ice_change() override;
  void on_ice_datagram(MutableByteSpan datagram) override;
  void send_datagram(ByteSpan datagram) override;  // of DTLS
  void on_open() override { come_up(); }
  void on_message(Lane, ByteSpan message) override;
  void on_closed() override { end(DownReason::kClosedByPeer); }

  void tell(Instant now);
  void check_candidates(Instant now);
  void note_pair();
  void begin_session();
  void note_dtls_timeout(Instant now);
  void receive(MutableByteSpan datagram);
  void take(DtlsSession::Event event, ByteSpan message);
  void take_message(ByteSpan message);
  void on_established();
  void come_up();
  void on_deadline();
  void ask_turn_server(DownReason otherwise);
  void end(DownReason reason);
  bool raw() const { return remote_.native; }
  IceProfile profile() const;

  const Shared& shared_;
  LinkId id_;
  LinkRole role_;
  std::unique_ptr<Certificate> fresh_;  // if it is not the listener's
  const Certificate& certificate_;
  std::unique_ptr<IceAgent> agent_;
  LinkDescription told_;  // our description as last given out
  LinkDescription remote_;
  std::unique_ptr<DtlsSession> dtls_;
  SctpOut sctp_out_{*this};
  std::unique_ptr<SctpAssociation> sctp_;
  std::unique_ptr<TurnProbe> probe_;
  std::vector<std::vector<uint8_t>> early_;  // datagrams from before the pair was selected

  PathKind path_ = PathKind::kDirect;
  Endpoint remote_endpoint_;
  size_t wire_overhead_ = 0;  // bytes a datagram, from the IP header on

  bool changed_ = false;  // the agent has news
  bool bad_description_ = false;
  bool up_ = false;
  bool over_ = false;
  Instant describe_at_;
  Instant gathering_limit_;
  Instant deadline_;
  Instant dtls_timeout_ = Instant::never();
};

}  // namespace swarmcast::transport
