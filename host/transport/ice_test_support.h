// Peers with prepared links, and the signalling between them, for tests and benchmarks.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "host/transport/ice_transport.h"
#include "host/transport/transport_test_support.h"

namespace swarmcast::transport {

// One side of prepared links; what it says of itself goes to `peer`, if there is one.
class IcePeer final : public LinkRecorder {
 public:
  explicit IcePeer(Loop& loop, const TransportOptions& options = {}, const IceLimits& limits = {},
                   const std::string& where = "127.0.0.1")
      : transport(std::make_unique<IceTransport>(loop, dtls, *this, options, limits)) {
    transport->listen(*parse_address(where));
  }

  void prepare(LinkId link, LinkRole role, LinkCertificate certificate = LinkCertificate::kFresh) {
    transport->prepare(link, role, certificate);
  }

  void on_local_description(LinkId link, const LinkDescription& description) override {
    descriptions[link].push_back(description);
    LinkDescription told = description;
    if (tamper) tamper(told);
    if (peer != nullptr) peer->transport->set_remote_description(link, told);
  }

  DtlsContext dtls;
  std::unique_ptr<IceTransport> transport;
  IcePeer* peer = nullptr;  // uses the same ids
  std::map<LinkId, std::vector<LinkDescription>> descriptions;
  std::function<void(LinkDescription&)> tamper;
};

// Two peers on one loop that tell each other everything at once.
struct IcePair {
  explicit IcePair(const TransportOptions& options = {}, const IceLimits& limits = {})
      : a(loop, options, limits), b(loop, options, limits) {
    a.peer = &b;
    b.peer = &a;
  }
  void prepare(LinkId link = kTestDial) {
    a.prepare(link, LinkRole::kInitiator);
    b.prepare(link, LinkRole::kResponder);
  }
  bool connect(LinkId link = kTestDial) {
    const size_t before = a.ups.size() + b.ups.size();
    prepare(link);
    return run_until(loop, [&] { return a.ups.size() + b.ups.size() == before + 2; });
  }

  Loop loop;
  IcePeer a, b;
};

}  // namespace swarmcast::transport
