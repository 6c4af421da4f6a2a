// Links to peers that cannot be dialled: each has an ICE agent, a DTLS session and a certificate of
// its own (ice_link.h).
#pragma once

#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "host/loop/loop.h"
#include "host/transport/ice_link.h"
#include "host/transport/link.h"

namespace swarmcast::transport {

class IceTransport final : private IceLink::Owner {
 public:
  // `loop`, `dtls` and `events` must outlive the transport.
  IceTransport(Loop& loop, DtlsContext& dtls, LinkEvents& events,
               const TransportOptions& options = {}, const IceLimits& limits = {});
  // Says goodbye on every link. No callbacks.
  ~IceTransport() override;

  // Host candidates are gathered where `bound` can be reached; its port is not used. Call once,
  // before prepare().
  void listen(const Endpoint& bound) { bound_ = bound; }

  // As of Transport.
  void prepare(LinkId link, LinkRole role, LinkCertificate certificate);
  void set_remote_description(LinkId link, const LinkDescription& description);
  PathKind path(LinkId link) const;
  bool send(LinkId link, Lane lane, ByteSpan message);
  void close(LinkId link);
  const TransportStats& stats() const { return stats_; }

  // It is one of ours, up or not yet.
  bool has(LinkId link) const { return links_.contains(link); }
  size_t links() const { return links_.size(); }

 private:
  void on_link_described(IceLink& link, const LinkDescription& description) override;
  void on_link_up(IceLink& link) override;
  void on_link_message(IceLink& link, ByteSpan message) override;
  void on_link_down(IceLink& link, DownReason reason) override;
  void on_link_due() override { timer_.set(Instant::from_us(0)); }

  void on_timer();
  void schedule();
  void forget(LinkId link);
  void fail_later(LinkId link, DownReason reason);

  Loop& loop_;
  DtlsContext& dtls_;
  LinkEvents& events_;
  const TransportOptions options_;
  const IceLimits limits_;
  TransportStats stats_;
  const IceLink::Shared shared_{loop_, dtls_, options_, limits_, stats_, *this};
  Endpoint bound_;
  size_t prepared_ = 0;

  std::unordered_map<LinkId, std::unique_ptr<IceLink>> links_;
  std::vector<std::unique_ptr<IceLink>> dead_;  // freed by the timer: no link is on the stack then
  std::vector<std::pair<LinkId, DownReason>> failed_;
  Loop::Timer timer_;
};

}  // namespace swarmcast::transport
