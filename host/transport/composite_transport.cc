#include "host/transport/composite_transport.h"

#include "engine/base/check.h"

namespace swarmcast::transport {

CompositeTransport::CompositeTransport(Loop& loop, const CryptoProvider& crypto,
                                       const SwarmSecret& secret, LinkEvents& events,
                                       const Settings& settings)
    : native_(loop, crypto, secret, events, settings.native_limits),
      ice_(loop, native_.dtls(), events, settings.options, settings.ice_limits) {}

std::optional<std::string> CompositeTransport::listen(const Endpoint& where) {
  if (auto error = native_.listen(where)) return error;
  ice_.listen(native_.local_endpoint());
  return std::nullopt;
}

bool CompositeTransport::send(LinkId link, Lane lane, ByteSpan message) {
  return ice_.has(link) ? ice_.send(link, lane, message) : native_.send(link, lane, message);
}

void CompositeTransport::close(LinkId link) {
  if (ice_.has(link)) {
    ice_.close(link);
  } else {
    native_.close(link);
  }
}

const TransportStats& CompositeTransport::stats() const {
  return stats_ = native_.stats() + ice_.stats();
}

}  // namespace swarmcast::transport
