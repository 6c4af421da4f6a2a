// All links of a node: those that can be dialled, over the one port it listens on, and those that
// both sides prepare, each over a path that ICE finds.
#pragma once

#include "host/transport/ice_transport.h"
#include "host/transport/native_transport.h"

namespace swarmcast::transport {

class CompositeTransport final : public Transport {
 public:
  struct Settings {
    TransportOptions options;
    NativeLimits native_limits;
    IceLimits ice_limits;
  };

  // `loop`, `crypto` and `events` must outlive the transport.
  CompositeTransport(Loop& loop, const CryptoProvider& crypto, const SwarmSecret& secret,
                     LinkEvents& events, const Settings& settings = {});

  std::optional<std::string> listen(const Endpoint& where) override;
  Endpoint local_endpoint() const override { return native_.local_endpoint(); }
  const Fingerprint& fingerprint() const override { return native_.fingerprint(); }
  void dial(LinkId link, const Contact& contact) override { native_.dial(link, contact); }
  void prepare(LinkId link, LinkRole role, LinkCertificate certificate) override {
    ice_.prepare(link, role, certificate);
  }
  void set_remote_description(LinkId link, const LinkDescription& description) override {
    ice_.set_remote_description(link, description);
  }
  PathKind path(LinkId link) const override { return ice_.path(link); }
  bool send(LinkId link, Lane lane, ByteSpan message) override;
  void flush() override { native_.flush(); }
  void close(LinkId link) override;
  const TransportStats& stats() const override;

 private:
  NativeTransport native_;
  IceTransport ice_;
  mutable TransportStats stats_;  // the sum as of the last stats()
};

}  // namespace swarmcast::transport
